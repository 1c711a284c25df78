import { queryOptions } from "@tanstack/react-query";
import { answer, api, listAll, only, PAGE_ITEMS } from "./client";
import type { Run } from "./shapes";

const PATH = "/data/foundation/flowservice/runs";
const ONE = "/data/foundation/flowservice/runs/{id}";
const HOUR_MILLIS = 3_600_000;

function listRuns(property: string[]) {
  return listAll<Run>((continuationToken) => {
    const query = continuationToken ? { continuationToken } : { limit: PAGE_ITEMS, property };
    return answer(api.GET(PATH, { params: { query } }));
  });
}

/** A flow's runs, the newest first. */
export const flowRunsQuery = (flowId: string) =>
  queryOptions({ queryKey: ["runs", "flow", flowId], queryFn: () => listRuns([`flowId==${flowId}`]) });

/** All runs of the last hours. */
export const recentRunsQuery = (hours: number) =>
  queryOptions({
    queryKey: ["runs", "recent", hours],
    queryFn: () => listRuns([`createdAt>=${Date.now() - hours * HOUR_MILLIS}`]),
  });

export const runQuery = (id: string) =>
  queryOptions({
    queryKey: ["runs", id],
    queryFn: async () => only(await answer(api.GET(ONE, { params: { path: { id } } }))),
  });

/** Whatever became of it since it was read: a run changes by itself as it goes. What cannot be done any more is refused. */
export function actOnRun(run: Run, op: "cancel" | "retry") {
  const params = { path: { id: run.id }, query: { op } };
  return answer(api.POST("/data/foundation/flowservice/runs/{id}/action", { params }));
}

export function verifyRun(id: string) {
  return answer(api.POST("/data/foundation/flowservice/runs/{id}/verify", { params: { path: { id } } }));
}
