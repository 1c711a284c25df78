// The steps of the wizard, and what keeps somebody from going on.

import { t } from "../../strings/en";
import { type ActivateDraft, doubleHeaders } from "./draft";
import { scheduleProblems } from "./schedule";

export type StepId = keyof typeof t.activate.steps;

export function stepsOf(isBatch: boolean): StepId[] {
  return ["segments", isBatch ? "schedule" : "triggers", "mapping", "review"];
}

/** Why a step is not done yet; nothing where one may go on. */
export function blockOf(step: StepId, draft: ActivateDraft): string | undefined {
  switch (step) {
    case "segments":
      return draft.segments.length === 0 ? t.activate.segments.needed : undefined;
    case "schedule": {
      // A schedule that is over is the server's to warn of: an old flow may have some.
      const problems = draft.segments.flatMap((one) => scheduleProblems(one.export, new Date()));
      const [first] = problems.filter((problem) => problem !== "over");
      return first && t.activate.schedule.problems[first];
    }
    case "mapping": {
      if (draft.rows.length === 0) return t.activate.mapping.noneNeeded;
      const [header] = doubleHeaders(draft.rows);
      return header && t.activate.mapping.double(header);
    }
    default:
      return undefined;
  }
}
