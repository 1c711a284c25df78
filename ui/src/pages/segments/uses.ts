// Which destinations export which segments.

import type { Flow, Schedule } from "../../api/shapes";

/** How a flow exports one of its segments. */
export type Use = { flow: Flow; schedule?: Schedule; exportMode?: string };

export function usesBySegment(flows: Flow[]): Map<string, Use[]> {
  const uses = new Map<string, Use[]>();
  for (const flow of flows) {
    for (const { params } of flow.transformations ?? []) {
      for (const { value } of params.segmentSelectors?.selectors ?? []) {
        const found = uses.get(value.id) ?? [];
        found.push({ flow, schedule: value.schedule, exportMode: value.exportMode });
        uses.set(value.id, found);
      }
    }
  }
  return uses;
}
