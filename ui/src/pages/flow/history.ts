// The runs of a destination as rows of a picture: a lane for each segment, a column for each time that they were due.

import type { Run } from "../../api/shapes";

const SLOTS_MAX = 40;
export const LANES_MAX = 6;

/** `runs` has a place for each column, empty where the segment had none. */
export type Lane = { segmentId: string; runs: (Run | undefined)[] };

/** The newest columns, the newest last; lanes by name, and how many segments have none. */
export function lanesOf(runs: Run[], nameOf: (segmentId: string) => string): { lanes: Lane[]; leftOut: number } {
  const all = [...new Set(runs.map((run) => run.slot))].sort((a, b) => Date.parse(a) - Date.parse(b));
  const slots = all.slice(-SLOTS_MAX);
  const places = new Map(slots.map((slot, index) => [slot, index]));
  const bySegment = new Map<string, (Run | undefined)[]>();
  for (const run of runs) {
    const place = places.get(run.slot);
    if (place === undefined) continue;
    const lane = bySegment.get(run.segmentId) ?? new Array<undefined>(slots.length).fill(undefined);
    lane[place] = run;
    bySegment.set(run.segmentId, lane);
  }
  const lanes = [...bySegment].map(([segmentId, placed]) => ({ segmentId, runs: placed }));
  lanes.sort((a, b) => nameOf(a.segmentId).localeCompare(nameOf(b.segmentId)));
  return { lanes: lanes.slice(0, LANES_MAX), leftOut: Math.max(0, lanes.length - LANES_MAX) };
}
