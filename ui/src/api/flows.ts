import { queryOptions } from "@tanstack/react-query";
import type { PatchOperation } from "./accounts";
import { answer, api, listAll, only, PAGE_ITEMS, type Schemas } from "./client";
import { Problem } from "./problem";
import type { Flow } from "./shapes";
import { deleteTarget } from "./targets";

const PATH = "/data/foundation/flowservice/flows";
const ONE = "/data/foundation/flowservice/flows/{id}";

export const flowsQuery = queryOptions({
  queryKey: ["flows"],
  queryFn: () =>
    listAll<Flow>(async (continuationToken) => {
      const query = continuationToken ? { continuationToken } : { limit: PAGE_ITEMS };
      const list = await answer(api.GET(PATH, { params: { query } }));
      return { ...list, items: list.items as unknown as Flow[] };
    }),
});

export const flowQuery = (id: string) =>
  queryOptions({
    queryKey: ["flows", id],
    queryFn: async () => only(await answer(api.GET(ONE, { params: { path: { id } } }))) as unknown as Flow,
  });

export function createFlow(body: Schemas["Flow"]) {
  return answer(api.POST(PATH, { body }));
}

export function patchFlow(flow: Pick<Flow, "id" | "etag">, body: PatchOperation[]) {
  return answer(api.PATCH(ONE, { params: { path: { id: flow.id }, header: { "If-Match": flow.etag } }, body }));
}

export function switchFlow(flow: Flow, op: "enable" | "disable") {
  const params = { path: { id: flow.id }, query: { op }, header: { "If-Match": flow.etag } };
  return answer(api.POST("/data/foundation/flowservice/flows/{id}/action", { params }));
}

/** Removes a destination: the flow, and the target that nothing else delivers to. */
export async function deleteFlow(flow: Flow) {
  await answer(api.DELETE(ONE, { params: { path: { id: flow.id }, header: { "If-Match": flow.etag } } }));
  for (const target of flow.targetConnectionIds) {
    await deleteTarget(target).catch((error: unknown) => {
      // Another flow delivers there, or somebody was faster: both are fine.
      if (error instanceof Problem && (error.status === 409 || error.status === 404)) return;
      throw error;
    });
  }
}

export function runFlow(flowId: string) {
  return answer(api.POST("/data/foundation/flowservice/runs", { body: { flowId } }));
}

/** An extra full export of some segments of a flow. Gives the ids of its runs. */
export async function exportNow(flowId: string, segments: string[]): Promise<string[]> {
  const body = { activationInfo: { [flowId]: segments } };
  const { order } = await answer(api.POST("/data/core/activation/disflowprovider/adhocrun", { body }));
  return (order as { statusURL: string }[]).map(({ statusURL }) => statusURL.split("/").at(-1) ?? "");
}

export const lettersQuery = (id: string) =>
  queryOptions({
    queryKey: ["letters", id],
    queryFn: () => {
      const params = { path: { id }, query: { limit: PAGE_ITEMS } };
      return answer(api.GET("/data/foundation/flowservice/flows/{id}/letters", { params }));
    },
  });

/** Sends the profiles of refused messages again: of those named, or of all. */
export function redeliver(id: string, eventIds?: string[]) {
  const body = eventIds ? { eventIds } : undefined;
  return answer(
    api.POST("/data/foundation/flowservice/flows/{id}/letters/redeliver", { params: { path: { id } }, body }),
  );
}
