import { queryOptions } from "@tanstack/react-query";
import type { Probed } from "./accounts";
import { answer, api, listAll, only, PAGE_ITEMS, type Schemas } from "./client";
import { probed, type Watch } from "./probe";
import type { Target } from "./shapes";

const PATH = "/data/foundation/flowservice/targetConnections";
const ONE = "/data/foundation/flowservice/targetConnections/{id}";

export const targetsQuery = queryOptions({
  queryKey: ["targets"],
  queryFn: () =>
    listAll<Target>(async (continuationToken) => {
      const query = continuationToken ? { continuationToken } : { limit: PAGE_ITEMS };
      const list = await answer(api.GET(PATH, { params: { query } }));
      return { ...list, items: list.items as Target[] };
    }),
});

export const targetQuery = (id: string) =>
  queryOptions({
    queryKey: ["targets", id],
    queryFn: async () => only(await answer(api.GET(ONE, { params: { path: { id } } }))) as Target,
  });

export function createTarget(body: Schemas["TargetConnection"], watch: Watch) {
  return probed<Probed>({ method: "POST", path: PATH, body }, watch);
}

export function deleteTarget(id: string) {
  return answer(api.DELETE(ONE, { params: { path: { id } } }));
}
