// Who is signed in. The server keeps the session in a cookie that no script can read.

import { queryOptions } from "@tanstack/react-query";
import { CONSOLE_HEADERS } from "./client";
import { Problem } from "./problem";

const PATH = "/console/session";

export type Session = {
  clientId: string;
  name: string;
  scopes: string[];
  /** Sandboxes that may be used, by name. */
  sandboxes: string[];
  /** In milliseconds since 1970. Being used puts it off. */
  expiresAt: number;
  /** The server's version. */
  version: string;
};

export type Credentials = { clientId: string; clientSecret: string } | { link: string };

async function send(method: "GET" | "POST" | "DELETE", body?: Credentials): Promise<Response> {
  const headers = { ...CONSOLE_HEADERS, ...(body && { "content-type": "application/json" }) };
  const request = { method, headers, credentials: "same-origin", body: body && JSON.stringify(body) } as const;
  const response = await fetch(PATH, request).catch((error: unknown) => Promise.reject(Problem.unreachable(error)));
  if (!response.ok) throw await Problem.of(response);
  return response;
}

export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: async (): Promise<Session> => (await send("GET")).json(),
  staleTime: 60_000,
  retry: false,
});

export async function signIn(credentials: Credentials): Promise<void> {
  await send("POST", credentials);
}

export async function signOut(): Promise<void> {
  await send("DELETE");
}

/** What a token may be used for. Each scope includes those before it. */
const SCOPES = ["read", "write", "*"] as const;
export type Scope = (typeof SCOPES)[number];

/** Whether the session may do what needs this scope. */
export function may(session: Session, needs: Scope): boolean {
  return SCOPES.slice(SCOPES.indexOf(needs)).some((scope) => session.scopes.includes(scope));
}
