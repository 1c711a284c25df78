import { queryOptions } from "@tanstack/react-query";
import { answer, api, listAll, only, PAGE_ITEMS, type Schemas } from "./client";
import { type ProbeStep, probed, type Watch } from "./probe";
import type { Account } from "./shapes";

const PATH = "/data/foundation/flowservice/connections";
const ONE = "/data/foundation/flowservice/connections/{id}";
export type PatchOperation = Schemas["PatchOperationBody"];

export const accountsQuery = queryOptions({
  queryKey: ["accounts"],
  queryFn: () =>
    listAll<Account>(async (continuationToken) => {
      const query = continuationToken ? { continuationToken } : { limit: PAGE_ITEMS };
      const list = await answer(api.GET(PATH, { params: { query } }));
      return { ...list, items: list.items as Account[] };
    }),
});

export const accountQuery = (id: string) =>
  queryOptions({
    queryKey: ["accounts", id],
    queryFn: async () => only(await answer(api.GET(ONE, { params: { path: { id } } }))) as Account,
  });

/** What a write or test answers that tried the connection. */
export type Probed = { id: string; etag?: string; probe?: { steps: ProbeStep[] } | null };

export function createAccount(body: Schemas["Connection"], watch: Watch) {
  return probed<Probed>({ method: "POST", path: PATH, body }, watch);
}

export function patchAccount(account: Account, body: PatchOperation[], watch: Watch) {
  return probed<Probed>({ method: "PATCH", path: at(account.id), etag: account.etag, body }, watch);
}

export function deleteAccount(account: Account) {
  return answer(api.DELETE(ONE, { params: { path: { id: account.id }, header: { "If-Match": account.etag } } }));
}

export function testAccount(id: string, watch: Watch) {
  return probed<Omit<Probed, "id">>({ method: "GET", path: `${at(id)}/test` }, watch);
}

function at(id: string): string {
  return `${PATH}/${encodeURIComponent(id)}`;
}
