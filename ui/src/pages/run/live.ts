// What will still change about a run.

import type { Run } from "../../api/shapes";

/** Whether it goes on, or will. */
export function isLive({ state }: Pick<Run, "state">): boolean {
  return state === "queued" || state === "processing";
}
