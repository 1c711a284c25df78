// Fields of profiles as columns. A field is hidden at first where any dataset labels it as identifying, or has it as an
// identity; until the labels of all datasets are known, all are.

import { useQueries, useQuery } from "@tanstack/react-query";
import { datasetLabelsQuery, datasetsQuery } from "../../api/datasets";
import { profileFieldsQuery } from "../../api/profiles";
import { type Field, isSensitive, labelled, leaves } from "./fields";
import type { RecordColumn } from "./RecordTable";

/** `labels` are the field's own and those of what is around it, in any dataset. */
export type ProfileColumn = RecordColumn & { labels: string[] };

export function useProfileColumns(): ProfileColumn[] | undefined {
  const fields = useQuery(profileFieldsQuery);
  const datasets = useQuery(datasetsQuery);
  const ids = datasets.data?.items.map((dataset) => dataset.id) ?? [];
  const labels = useQueries({ queries: ids.map((id) => datasetLabelsQuery(id)) });
  const tree = fields.data?.fields;
  if (tree === undefined) return undefined;
  const isKnown =
    datasets.data !== undefined && !datasets.data.hasMore && labels.every(({ data }) => data !== undefined);
  const sensitive = new Set(datasets.data?.items.flatMap((dataset) => dataset.identities.map(({ path }) => path)));
  const named = new Map<string, Set<string>>();
  for (const one of labels.flatMap(({ data }) => (data ? [data] : []))) {
    for (const field of leaves(labelled(tree, one, ""))) {
      if (isSensitive(field, one)) sensitive.add(field.path);
      named.set(field.path, new Set([...(named.get(field.path) ?? []), ...namesOf(field)]));
    }
  }
  const plain = { etag: "", labels: [], optionalLabels: [] };
  return leaves(labelled(tree, plain, "")).map(({ path, names }) => ({
    path,
    names,
    isSensitive: !isKnown || sensitive.has(path),
    labels: [...(named.get(path) ?? [])].sort(),
  }));
}

function namesOf({ own, inherited }: Field): string[] {
  return [...own, ...inherited.map(({ name }) => name)];
}
