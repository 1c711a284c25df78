// Segments: their definitions, what they select, and their evaluations.

import { queryOptions } from "@tanstack/react-query";
import { answer, api, ITEMS_MAX, type Listed, PAGE_ITEMS, type Schemas } from "./client";
import type { Definition, JsonObject } from "./dataShapes";
import type { OnViolation } from "./datasets";

const PATH = "/data/core/ups/segment/definitions";
const ONE = "/data/core/ups/segment/definitions/{id}";
const JOBS = "/data/core/ups/segment/jobs";

export const definitionsQuery = queryOptions({
  queryKey: ["segments", "definitions"],
  queryFn: async (): Promise<Listed<Definition>> => {
    const items: Definition[] = [];
    let total = 0;
    do {
      const query = { limit: PAGE_ITEMS, page: items.length / PAGE_ITEMS };
      const list = await answer(api.GET(PATH, { params: { query } }));
      items.push(...list.segments);
      total = (list.page as { totalCount?: number }).totalCount ?? items.length;
      if (list.segments.length < PAGE_ITEMS) break;
    } while (items.length < total && items.length < ITEMS_MAX);
    return { items, hasMore: items.length < total };
  },
});

export const definitionQuery = (id: string) =>
  queryOptions({
    queryKey: ["segments", "definitions", id],
    queryFn: () => answer(api.GET(ONE, { params: { path: { id } } })),
  });

export type Evaluated = Schemas["SegmentEvaluation"];

/** What past evaluations found, the newest first. */
export const historyQuery = (id: string, limit: number) =>
  queryOptions({
    queryKey: ["segments", "history", id, limit],
    queryFn: async () => {
      const params = { path: { id }, query: { limit } };
      const list = await answer(api.GET("/data/core/ups/segment/definitions/{id}/history", { params }));
      return list.items;
    },
  });

export type Rule = { name: string; description: string; expression: Definition["expression"] };

export async function createDefinition(rule: Rule): Promise<Definition> {
  const body = { ...rule, schema: { name: "_xdm.context.profile" } };
  return answer(api.POST(PATH, { body }));
}

export async function patchDefinition(before: Definition, change: Partial<Rule>, onViolation: OnViolation) {
  const params = { path: { id: before.id }, header: { "If-Match": before.etag }, query: { onViolation } };
  const body = change as Schemas["Segment"];
  return answer(api.PATCH(ONE, { params, body }));
}

export function deleteDefinition(definition: Definition) {
  const params = { path: { id: definition.id }, header: { "If-Match": definition.etag } };
  return answer(api.DELETE(ONE, { params }));
}

/** Begins an evaluation of some segments, or of all. */
export function evaluate(ids: string[]) {
  const body = ids.map((segmentId) => ({ segmentId }));
  return answer(api.POST(JOBS, { body: ids.length === 0 ? [{ segmentId: "*" }] : body }));
}

/** The last evaluations of all segments, the newest first. */
export const jobsQuery = queryOptions({
  queryKey: ["segments", "jobs"],
  queryFn: async () => {
    const list = await answer(api.GET(JOBS, { params: { query: { limit: 20 } } }));
    return list.children;
  },
});

export type Sampled = { estimate: Schemas["Estimated"]; profiles: JsonObject[] };

/** How many profiles a rule selects, and some of them. The question is withdrawn afterwards. */
export async function ask(rule: string, format: string): Promise<Sampled> {
  const body = { predicateExpression: rule, predicateType: format, predicateModel: "_xdm.context.profile" };
  const { previewId: id } = await answer(api.POST("/data/core/ups/preview", { body }));
  const params = { path: { id } };
  try {
    const estimate = await answer(api.GET("/data/core/ups/estimate/{id}", { params }));
    const sample = await answer(api.GET("/data/core/ups/preview/{id}", { params }));
    const profiles = sample.results.map((result) => result.profile as JsonObject);
    return { estimate, profiles };
  } finally {
    // It would go by itself after a day.
    void answer(api.DELETE("/data/core/ups/preview/{id}", { params })).catch(() => undefined);
  }
}
