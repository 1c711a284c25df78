import { queryOptions } from "@tanstack/react-query";
import type { PatchOperation } from "./accounts";
import { answer, api, listAll, only, PAGE_ITEMS, type Schemas } from "./client";
import type { Dataset, DatasetLabels, Inspection, JsonObject } from "./dataShapes";

const PATH = "/data/foundation/datasets";
const ONE = "/data/foundation/datasets/{id}";
const LABELS = "/data/foundation/dataset/datasets/{id}/labels";

/** Whether a change that makes flows violate policies is to be saved all the same, those flows being paused. */
export type OnViolation = "pause" | undefined;

export const datasetsQuery = queryOptions({
  queryKey: ["datasets"],
  queryFn: () =>
    listAll<Dataset>((continuationToken) => {
      const query = continuationToken ? { continuationToken } : { limit: PAGE_ITEMS };
      return answer(api.GET(PATH, { params: { query } }));
    }),
});

export const datasetQuery = (id: string) =>
  queryOptions({
    queryKey: ["datasets", id],
    queryFn: async () => only(await answer(api.GET(ONE, { params: { path: { id } } }))),
  });

export const schemaQuery = (id: string) =>
  queryOptions({
    queryKey: ["datasets", id, "schema"],
    queryFn: async () => {
      const tree = await answer(api.GET("/data/foundation/datasets/{id}/schema", { params: { path: { id } } }));
      return tree.fields;
    },
    staleTime: 30_000,
  });

export const recordsQuery = (id: string, limit: number) =>
  queryOptions({
    queryKey: ["datasets", id, "records", limit],
    queryFn: async () => {
      const params = { path: { id }, query: { limit } };
      const list = await answer(api.GET("/data/foundation/datasets/{id}/preview", { params }));
      return list.items as JsonObject[];
    },
  });

/** What lies at a place, before it is attached. Values come as they are: pages hide those that identify somebody. */
export async function inspectFiles(source: Schemas["DatasetSource"]): Promise<Inspection> {
  const body = { source, unmasked: true };
  return (await answer(api.POST("/data/foundation/datasets/inspect", { body }))) as Inspection;
}

export function attachDataset(body: Schemas["Dataset"]) {
  return answer(api.POST(PATH, { body }));
}

export function patchDataset(dataset: Dataset, body: PatchOperation[], onViolation: OnViolation) {
  const params = { path: { id: dataset.id }, header: { "If-Match": dataset.etag }, query: { onViolation } };
  return answer(api.PATCH(ONE, { params, body }));
}

export function refreshDataset(id: string) {
  return answer(api.POST("/data/foundation/datasets/{id}/refresh", { params: { path: { id } } }));
}

export function detachDataset(dataset: Dataset) {
  return answer(api.DELETE(ONE, { params: { path: { id: dataset.id }, header: { "If-Match": dataset.etag } } }));
}

/** The labels of a dataset, with their own version. */
export const datasetLabelsQuery = (id: string) =>
  queryOptions({
    queryKey: ["datasets", id, "labels"],
    queryFn: async (): Promise<DatasetLabels> => {
      const { data, response } = await api.GET(LABELS, { params: { path: { id }, query: { empty: true } } });
      return {
        labels: data?.labels ?? [],
        optionalLabels: data?.optionalLabels ?? [],
        etag: response.headers.get("etag") ?? "*",
      };
    },
  });

export function putLabels(id: string, labels: DatasetLabels, onViolation: OnViolation) {
  const params = { path: { id }, header: { "If-Match": labels.etag }, query: { onViolation } };
  const body = { labels: labels.labels, optionalLabels: labels.optionalLabels };
  return answer(api.PUT(LABELS, { params, body }));
}

export const suggestionsQuery = (id: string) =>
  queryOptions({
    queryKey: ["datasets", id, "suggestions"],
    queryFn: () => answer(api.GET(`${LABELS}/suggestions`, { params: { path: { id } } })),
    staleTime: 30_000,
  });

type Named = Schemas["NamedSuggestion"];

export function acceptSuggestions(id: string, suggestions: Named[], onViolation: OnViolation) {
  const params = { path: { id }, query: { onViolation } };
  return answer(api.POST(`${LABELS}/suggestions/accept`, { params, body: { suggestions } }));
}

export function refuseSuggestions(id: string, suggestions: Named[]) {
  return answer(api.POST(`${LABELS}/suggestions/refuse`, { params: { path: { id } }, body: { suggestions } }));
}
