import { isSignedOut, Problem } from "../api/problem";
import { t } from "../strings/en";
import { sentence } from "./format";

/** Long enough to be read; what is negative stays until it is closed. */
const SHOWN_MILLIS = 6_000;

export function showDone(message: string) {
  void import("./Toasts").then(({ ToastQueue }) => ToastQueue.positive(message, { timeout: SHOWN_MILLIS }));
}

/** Done, and something is left to do: it stays until it is closed. */
export function showLeftToDo(message: string) {
  void import("./Toasts").then(({ ToastQueue }) => ToastQueue.info(message));
}

/** For what failed outside of a form or dialog: what was wanted, what came back, and what to do. */
export function showProblem(error: unknown, wanted: string) {
  // The page to sign in says that.
  if (isSignedOut(error)) return;
  const problem = Problem.from(error);
  const hint = problem.body.hint ? ` ${problem.body.hint}` : "";
  const message = `${t.problem.failed(wanted)} ${sentence(problem.message)}${hint}`;
  void import("./Toasts").then(({ ToastQueue }) => ToastQueue.negative(message));
}

export type Way = { label: string; go: () => void };

let closeStarted = () => {};

/** Something was started, with the way to where it shows how that goes, unless that is here. A toast with a way never closes
 * by itself: it goes when the next one comes, or when what is returned is called. */
export async function showStarted(message: string, way?: Way): Promise<() => void> {
  const { ToastQueue } = await import("./Toasts");
  const more = way && { actionLabel: way.label, onAction: way.go, shouldCloseOnAction: true };
  closeStarted();
  closeStarted = ToastQueue.positive(message, more ?? { timeout: SHOWN_MILLIS });
  return closeStarted;
}
