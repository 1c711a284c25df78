// The fields that profiles have, what is in them, and which labels they carry.

import { queryOptions } from "@tanstack/react-query";
import { answer, api, PAGE_ITEMS } from "./client";
import type { ProfileFields } from "./dataShapes";

export type Profile = Record<string, unknown>;

/** The fields of all datasets together: what rules and mappings may use. */
export const profileFieldsQuery = queryOptions({
  queryKey: ["datasets", "profile-fields"],
  queryFn: (): Promise<ProfileFields> => answer(api.GET("/data/core/ups/config/entityTypes/_xdm.context.profile", {})),
  staleTime: 30_000,
});

export type Rule = { value: string; format: string };

/** The rule that every profile satisfies. */
export const EVERYBODY: Rule = { value: "true", format: "pql/text" };

/** A few profiles that a rule selects. */
export const profileSampleQuery = (rule: Rule) =>
  queryOptions({
    queryKey: ["profiles", "sample", rule.format, rule.value],
    queryFn: async () => {
      const body = { predicateExpression: rule.value, predicateType: rule.format };
      const { previewId: id } = await answer(api.POST("/data/core/ups/preview", { body }));
      const sample = await answer(api.GET("/data/core/ups/preview/{id}", { params: { path: { id } } }));
      return sample.results.map((result): Profile => result.profile);
    },
    staleTime: 300_000,
  });

export type DatasetFacts = {
  /** Labels of fields by their paths; those of whole datasets by "". */
  labels: Map<string, string[]>;
  /** Namespaces of identities. */
  namespaces: string[];
};

/** What datasets say of their fields. */
export const datasetFactsQuery = queryOptions({
  queryKey: ["datasets", "facts"],
  queryFn: async (): Promise<DatasetFacts> => {
    const list = await answer(api.GET("/data/foundation/datasets", { params: { query: { limit: PAGE_ITEMS } } }));
    const labels = new Map<string, string[]>();
    const add = (path: string, more: string[]) =>
      more.length > 0 && labels.set(path, [...new Set([...(labels.get(path) ?? []), ...more])].sort());
    const bodies = await Promise.all(list.items.map((dataset) => labelsOf(dataset.id)));
    for (const body of bodies) {
      add("", body.labels ?? []);
      for (const { option, labels: some } of body.optionalLabels ?? []) add(pathOf(option.schemaPath), some);
    }
    const identities = list.items.flatMap((dataset) => dataset.identities);
    return { labels, namespaces: [...new Set(identities.map((identity) => identity.namespace))].sort() };
  },
  staleTime: 60_000,
});

function labelsOf(id: string) {
  const params = { path: { id }, query: { empty: true } };
  return answer(api.GET("/data/foundation/dataset/datasets/{id}/labels", { params }));
}

/** `/properties/a/properties/b` as `a.b`. */
function pathOf(schemaPath: string): string {
  return schemaPath
    .split("/properties/")
    .filter((name) => name !== "")
    .join(".");
}
