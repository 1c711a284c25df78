// What runs delivered, summed.

import type { Run } from "../../api/shapes";

export type Volume = { runs: number; rows: number; bytes: number; failed: number; running: number };

const NOTHING: Volume = { runs: 0, rows: 0, bytes: 0, failed: 0, running: 0 };

export function addRun(volume: Volume, run: Run): Volume {
  // What somebody had a stream send once more is in the hours of the stream, too.
  const isCounted = run.segmentId !== "" || run.kind === "window";
  const { recordSummary, sizeSummary } = run.metrics;
  return {
    runs: volume.runs + 1,
    rows: volume.rows + (isCounted ? (recordSummary.outputRecordCount ?? 0) : 0),
    bytes: volume.bytes + (isCounted ? (sizeSummary.outputBytes ?? 0) : 0),
    failed: volume.failed + Number(run.state === "failed"),
    // The hour of a stream is always open; that is not news.
    running: volume.running + Number(run.kind !== "window" && (run.state === "processing" || run.state === "queued")),
  };
}

export function sumOf(runs: Run[]): Volume {
  return runs.reduce(addRun, NOTHING);
}

/** The same by flow. */
export function volumesOf(runs: Run[]): Map<string, Volume> {
  const volumes = new Map<string, Volume>();
  for (const run of runs) volumes.set(run.flowId, addRun(volumes.get(run.flowId) ?? NOTHING, run));
  return volumes;
}

/** How long a run took, or has taken so far, in milliseconds. */
export function durationOf(run: Run, now: number): number | undefined {
  const { startedAtUTC, completedAtUTC } = run.metrics.durationSummary;
  if (startedAtUTC === undefined || startedAtUTC === null) return undefined;
  if (completedAtUTC !== undefined && completedAtUTC !== null) return completedAtUTC - startedAtUTC;
  return run.state === "processing" ? now - startedAtUTC : undefined;
}
