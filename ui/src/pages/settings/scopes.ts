import { settings as room } from "../../strings/en/settings";

const words = room.clients;

/** What scopes let somebody do, in words. */
export function scopeText(scopes: string[]): string {
  return scopes.map((scope) => words.scopeWords[scope] ?? scope).join(", ");
}

/** None named are all. */
export function sandboxText(sandboxes: string[]): string {
  return sandboxes.length === 0 || sandboxes.includes("*") ? words.allSandboxes : sandboxes.join(", ");
}
