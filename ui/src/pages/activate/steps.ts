// The steps of the wizard, and what keeps somebody from going on.

import type { PolicyCheck } from "../../api/policyCheck";
import { activate as words } from "../../strings/en/activate";
import { type ActivateDraft, doubleHeaders } from "./draft";
import { scheduleProblems } from "./schedule";

export type StepId = keyof typeof words.steps;

export function stepsOf(isBatch: boolean): StepId[] {
  return ["segments", isBatch ? "schedule" : "triggers", "mapping", "review"];
}

/** Why a step is not done yet; nothing where one may go on. */
export function blockOf(step: StepId, draft: ActivateDraft): string | undefined {
  switch (step) {
    case "segments":
      return draft.segments.length === 0 ? words.segments.needed : undefined;
    case "schedule": {
      // A schedule that is over is the server's to warn of: an old flow may have some.
      const problems = draft.segments.flatMap((one) => scheduleProblems(one.export, new Date()));
      const [first] = problems.filter((problem) => problem !== "over");
      return first && words.schedule.problems[first];
    }
    case "mapping": {
      if (draft.rows.length === 0) return words.mapping.noneNeeded;
      const [header] = doubleHeaders(draft.rows);
      return header && words.mapping.double(header);
    }
    default:
      return undefined;
  }
}

type Check = { isFetching: boolean; isError: boolean; data?: PolicyCheck };

/** Why the activation cannot be saved as it is. Only what policies allowed is. */
export function finishBlock(check: Check, isStale: boolean): string | undefined {
  if (isStale) return words.review.stale;
  if (check.isFetching) return words.review.waiting;
  // Without a network there is neither an answer nor a failure.
  if (check.isError || check.data === undefined) return words.review.notChecked;
  return check.data.allowed === true ? undefined : words.review.blocked;
}
