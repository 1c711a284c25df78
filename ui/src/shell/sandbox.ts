// The sandbox that the console is about. The choice is this browser tab's, so that two tabs can show two.

import type { Session } from "../api/session";

const KEY = "outflow-sandbox";
export const DEFAULT_SANDBOX = "prod";

/** The chosen sandbox, as long as the session may use it. */
export function chosenSandbox(session: Session): string {
  const kept = sessionStorage.getItem(KEY);
  const may = (name: string) => session.sandboxes.length === 0 || session.sandboxes.includes(name);
  if (kept !== null && may(kept)) return kept;
  return may(DEFAULT_SANDBOX) ? DEFAULT_SANDBOX : (session.sandboxes[0] ?? DEFAULT_SANDBOX);
}

export function chooseSandbox(name: string) {
  sessionStorage.setItem(KEY, name);
}
