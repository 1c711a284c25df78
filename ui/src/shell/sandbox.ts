// The sandbox that the console is about. The choice is this browser tab's, so that two tabs can show two.

import type { Session } from "../api/session";

const KEY = "outflow-sandbox";
export const DEFAULT_SANDBOX = "prod";

/** The chosen sandbox, as long as the session may use it. */
export function chosenSandbox(session: Session): string {
  return choose(session.sandboxes, sessionStorage.getItem(KEY));
}

export function chooseSandbox(name: string) {
  sessionStorage.setItem(KEY, name);
}

/** Of those that may be used (`*` for all), the one that was chosen before, else the usual one, else the first. */
export function choose(sandboxes: string[], kept: string | null): string {
  const may = (name: string) => sandboxes.includes("*") || sandboxes.includes(name);
  if (kept !== null && may(kept)) return kept;
  return may(DEFAULT_SANDBOX) ? DEFAULT_SANDBOX : (sandboxes[0] ?? DEFAULT_SANDBOX);
}
