// Fields of profiles as columns. A field is hidden at first where any dataset labels it as identifying, or has it as an
// identity; until the labels of all datasets are known, all are.

import { useQueries, useQuery } from "@tanstack/react-query";
import type { SchemaField } from "../../api/dataShapes";
import { datasetLabelsQuery, datasetsQuery, profileFieldsQuery } from "../../api/datasets";
import { isSensitive, labelled, leaves } from "../datasets/fields";
import type { RecordColumn } from "../datasets/RecordTable";

export function useProfileColumns(): RecordColumn[] | undefined {
  const fields = useQuery(profileFieldsQuery);
  const datasets = useQuery(datasetsQuery);
  const ids = datasets.data?.items.map((dataset) => dataset.id) ?? [];
  const labels = useQueries({ queries: ids.map((id) => datasetLabelsQuery(id)) });
  if (fields.data === undefined) return undefined;
  const isKnown =
    datasets.data !== undefined && !datasets.data.hasMore && labels.every(({ data }) => data !== undefined);
  const found = labels.flatMap(({ data }) => (data ? [data] : []));
  const sensitive = new Set(
    found.flatMap((one) =>
      leaves(labelled(fields.data as SchemaField[], one, ""))
        .filter((field) => isSensitive(field, one))
        .map((field) => field.path),
    ),
  );
  const identities = new Set(datasets.data?.items.flatMap((dataset) => dataset.identities.map(({ path }) => path)));
  const plain = { etag: "", labels: [], optionalLabels: [] };
  return leaves(labelled(fields.data, plain, "")).map(({ path, names }) => ({
    path,
    names,
    isSensitive: !isKnown || sensitive.has(path) || identities.has(path),
  }));
}
