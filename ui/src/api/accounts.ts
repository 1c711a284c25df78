import { queryOptions } from "@tanstack/react-query";
import { answer, api, listAll, only, PAGE_ITEMS, type Schemas } from "./client";
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

export function createAccount(body: Schemas["Connection"]) {
  return answer(api.POST(PATH, { body }));
}

export function patchAccount(account: Account, body: PatchOperation[]) {
  return answer(api.PATCH(ONE, { params: { path: { id: account.id }, header: { "If-Match": account.etag } }, body }));
}

export function deleteAccount(account: Account) {
  return answer(api.DELETE(ONE, { params: { path: { id: account.id }, header: { "If-Match": account.etag } } }));
}

export function testAccount(id: string) {
  return answer(api.GET("/data/foundation/flowservice/connections/{id}/test", { params: { path: { id } } }));
}
