// Addresses of all pages, below /console. Whoever links to a page takes its address from here.

/** Where the server keeps the console. */
export const BASE = "/console";

type Search = Record<string, string | undefined>;

function at(path: string, search: Search = {}): string {
  const pairs = Object.entries(search).filter((pair): pair is [string, string] => Boolean(pair[1]));
  const query = new URLSearchParams(pairs).toString();
  return query === "" ? path : `${path}?${query}`;
}

export const paths = {
  home: () => at("/"),
  signIn: (next?: string, hasEnded = false) => at("/sign-in", { next, ended: hasEnded ? "1" : undefined }),
  overview: () => at("/destinations"),
  catalog: (search?: { selected?: string; show?: string; find?: string; segment?: string }) =>
    at("/destinations/catalog", search),
  browse: (search?: { platform?: string; selected?: string; account?: string }) => at("/destinations/browse", search),
  accounts: (search?: { platform?: string; selected?: string }) => at("/destinations/accounts", search),
  systemView: (search?: { view?: string }) => at("/destinations/system-view", search),
  configure: (spec: string, search?: { step?: string; account?: string; flow?: string; segment?: string }) =>
    at(`/destinations/configure/${encodeURIComponent(spec)}`, search),
  activateOne: (search?: { spec?: string; segment?: string }) => at("/destinations/activate", search),
  activate: (flow: string, search?: { step?: string; segment?: string }) =>
    at(`/destinations/activate/${encodeURIComponent(flow)}`, search),
  flow: (id: string, search?: { tab?: string }) => at(`/destinations/flows/${encodeURIComponent(id)}`, search),
  datasets: (search?: { attach?: string }) => at("/datasets", search),
  dataset: (id: string, search?: { tab?: string; field?: string }) => at(`/datasets/${encodeURIComponent(id)}`, search),
  segments: () => at("/segments"),
  newSegment: () => at("/segments/new"),
  segment: (id: string, search?: { tab?: string }) => at(`/segments/${encodeURIComponent(id)}`, search),
  profiles: () => at("/profiles"),
  policies: (tab?: string) => at(tab === undefined ? "/policies" : `/policies/${tab}`),
  policy: (selected: string) => at("/policies", { selected }),
  label: (selected: string) => at("/policies/labels", { selected }),
  audit: (search?: { actor?: string; noun?: string; objectId?: string }) => at("/audit", search),
  settings: (tab?: string) => at(tab === undefined ? "/settings" : `/settings/${tab}`),
  run: (id: string) => at(`/destinations/runs/${encodeURIComponent(id)}`),
};

/** The search params of a table: how it is sorted, and which page of it is shown. */
export function tableParams(name?: string): { sort: string; page: string } {
  const before = name === undefined ? "" : `${name}-`;
  return { sort: `${before}sort`, page: `${before}page` };
}

/** Search params as plain strings: addresses stay readable, and a name that looks like a number stays a name. */
export function parseSearch(search: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(search));
}

export function stringifySearch(search: Record<string, unknown>): string {
  return at("", search as Search);
}

/** Keeps of a page's search params those that it knows. */
export function known<K extends string>(...names: K[]) {
  return (search: Record<string, unknown>): Partial<Record<K, string>> =>
    Object.fromEntries(names.filter((name) => search[name]).map((name) => [name, String(search[name])])) as Partial<
      Record<K, string>
    >;
}

/** Where to go after signing in: an address of the console, and of nobody else. */
export function safeNext(next: string | undefined): string {
  return next !== undefined && /^\/(?![/\\])/.test(next) ? next : paths.home();
}
