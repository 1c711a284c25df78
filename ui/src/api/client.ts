// The one way to the server: typed by openapi.json, failing with `Problem`.

import createClient, { type Middleware } from "openapi-fetch";
import { isSignedOut, Problem } from "./problem";
import type { components, paths } from "./schema.gen";

export type Schemas = components["schemas"];

/** Without it the server takes no change by cookie: a foreign page cannot set headers. */
export const CONSOLE_HEADERS = { "x-outflow-console": "1" };

let sandbox: string | undefined;

/** Names the sandbox that all requests are about from now on. */
export function setSandbox(name: string | undefined) {
  sandbox = name;
}

/** What a request needs that does not go through `api`: event streams. */
export function headersOf(): Record<string, string> {
  return sandbox === undefined ? { ...CONSOLE_HEADERS } : { ...CONSOLE_HEADERS, "x-sandbox-name": sandbox };
}

let onSignedOut = () => {};

/** Says what happens when the server answers that nobody is signed in any more. */
export function whenSignedOut(act: () => void) {
  onSignedOut = act;
}

/** What a refusal says. All requests but those about the session itself take it from here. */
export async function refusalOf(response: Response): Promise<Problem> {
  const problem = await Problem.of(response);
  if (isSignedOut(problem)) onSignedOut();
  return problem;
}

const outcome: Middleware = {
  onRequest({ request }) {
    for (const [name, value] of Object.entries(headersOf())) request.headers.set(name, value);
    return request;
  },
  async onResponse({ response }) {
    if (!response.ok) throw await refusalOf(response);
    return response;
  },
  onError({ error }) {
    return error instanceof Problem ? error : Problem.unreachable(error);
  },
};

export const api = createClient<paths>({ credentials: "same-origin" });
api.use(outcome);

/** The body of an answer. A failure was thrown before. */
export async function answer<T>(call: Promise<{ data?: T }>): Promise<T> {
  return (await call).data as T;
}

type Page<T> = { items: T[]; _links?: { next?: { href: string } | null } | null };

/** Lists are shown whole up to here; what is more is said to be left out. */
export const ITEMS_MAX = 1000;
export const PAGE_ITEMS = 100;

export type Listed<T> = { items: T[]; hasMore: boolean };

/** All pages of a list, up to `ITEMS_MAX` objects. `page` gets the token of the page to fetch. */
export async function listAll<T>(page: (continuationToken?: string) => Promise<Page<T>>): Promise<Listed<T>> {
  const items: T[] = [];
  let token: string | undefined;
  do {
    const one = await page(token);
    items.push(...one.items);
    token = tokenOf(one._links?.next?.href);
  } while (token !== undefined && items.length < ITEMS_MAX);
  return { items, hasMore: token !== undefined };
}

/** The token in the address of a next page. */
export function tokenOf(href: string | undefined): string | undefined {
  return href === undefined
    ? undefined
    : (new URLSearchParams(href.split("?")[1] ?? "").get("continuationToken") ?? undefined);
}

/** The object of an answer that holds one. */
export function only<T>(list: { items: T[] }): T {
  const [first] = list.items;
  if (first === undefined) throw new Problem(404, { title: "Not Found", detail: "there is no such object" });
  return first;
}
