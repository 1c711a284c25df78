// A change that may make destinations violate policies. Where it would, nothing is saved; what is violated is shown, and
// the change can be saved all the same, with those destinations paused.

import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { Paused } from "../api/dataShapes";
import type { OnViolation } from "../api/datasets";
import { isConflict } from "../api/problem";
import { t } from "../strings/en";
import { violations as words } from "../strings/en/violations";
import { ConfirmDialog } from "./ConfirmDialog";
import { showDone, showProblem } from "./toast";
import { flowsOf, ViolationList, violationsOf } from "./Violations";

type Answered = { pausedFlows?: Paused[] } | undefined | null | unknown;
export type GuardedWrite = (onViolation: OnViolation) => Promise<Answered>;

type Refused = {
  found: NonNullable<ReturnType<typeof violationsOf>>;
  write: GuardedWrite;
  onDone: () => unknown;
};

/** Says which destinations a change paused. */
export function tellPaused(answered: Answered) {
  const paused = (answered as { pausedFlows?: Paused[] } | undefined)?.pausedFlows ?? [];
  if (paused.length > 0) showDone(words.paused(paused.map((flow) => flow.name).join(", ")));
}

/**
 * `run` writes; the element that comes with it must be on the page. `conflict` is told where somebody else was faster:
 * the page then reads anew what was changed.
 */
export function useGuarded(conflict?: string) {
  const queries = useQueryClient();
  const [refused, setRefused] = useState<Refused>();
  const run = async (wanted: string, write: GuardedWrite, onDone: () => unknown): Promise<void> => {
    try {
      tellPaused(await write(undefined));
      await onDone();
    } catch (error) {
      const found = violationsOf(error);
      if (found) setRefused({ found, write, onDone });
      else showProblem(error, isConflict(error) ? (conflict ?? t.problem.conflict) : wanted);
      if (isConflict(error)) await queries.invalidateQueries();
    }
  };
  const dialog: ReactNode = refused && (
    <ConfirmDialog
      title={words.title}
      size="XL"
      confirmLabel={words.pause(flowsOf(refused.found.violations).length)}
      onConfirm={async () => {
        tellPaused(await refused.write("pause"));
        await refused.onDone();
      }}
      onClose={() => setRefused(undefined)}
    >
      <p>{words.lead}</p>
      <ViolationList {...refused.found} />
    </ConfirmDialog>
  );
  return [run, dialog] as const;
}
