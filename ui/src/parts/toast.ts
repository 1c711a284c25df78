import { ToastQueue } from "@react-spectrum/s2";
import { Problem } from "../api/problem";
import { t } from "../strings/en";
import { sentence } from "./format";

/** Long enough to be read; what is negative stays until it is closed. */
const SHOWN_MILLIS = 6_000;

export function showDone(message: string) {
  ToastQueue.positive(message, { timeout: SHOWN_MILLIS });
}

/** For what failed outside of a form or dialog: what was wanted, what came back, and what to do. */
export function showProblem(error: unknown, wanted: string) {
  const problem = Problem.from(error);
  const hint = problem.body.hint ? ` ${problem.body.hint}` : "";
  ToastQueue.negative(`${t.problem.failed(wanted)} ${sentence(problem.message)}${hint}`);
}
