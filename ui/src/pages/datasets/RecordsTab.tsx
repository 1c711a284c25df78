// Some records of a dataset.

import { useQuery } from "@tanstack/react-query";
import type { Dataset } from "../../api/dataShapes";
import { datasetLabelsQuery, recordsQuery, schemaQuery } from "../../api/datasets";
import { ALL, Choice } from "../../parts/Choice";
import { Loaded } from "../../parts/Loaded";
import css from "../../parts/page.module.css";
import { useSearch } from "../../parts/useSearch";
import { datasets as room } from "../../strings/en/datasets";
import { isSensitive, labelled, leaves } from "./fields";
import { RecordTable } from "./RecordTable";

const words = room.sample;
const LIMITS = [10, 25, 50, 100];

export function RecordsTab({ dataset }: { dataset: Dataset }) {
  const [search, setSearch] = useSearch<"limit">();
  const limit = LIMITS.find((one) => String(one) === search.limit) ?? 10;
  const schema = useQuery(schemaQuery(dataset.id));
  const labels = useQuery(datasetLabelsQuery(dataset.id));
  const records = useQuery(recordsQuery(dataset.id, limit));
  const items = LIMITS.map((one) => ({ id: one === 10 ? ALL : String(one), name: String(one) }));
  return (
    <div className={css.page}>
      <div className={css.bar}>
        <Choice
          label={words.rows}
          items={items}
          value={limit === 10 ? undefined : String(limit)}
          onChange={(next) => setSearch({ limit: next })}
        />
        <p className={css.quiet}>{words.lead}</p>
      </div>
      <Loaded query={schema}>
        {(tree) => (
          <Loaded query={labels}>
            {(known) => (
              <Loaded query={records}>
                {(found) => (
                  <RecordTable
                    records={found}
                    columns={leaves(labelled(tree, known, dataset.name)).map((field) => ({
                      path: field.path,
                      names: field.names,
                      isSensitive:
                        isSensitive(field, known) || dataset.identities.some(({ path }) => path === field.path),
                    }))}
                  />
                )}
              </Loaded>
            )}
          </Loaded>
        )}
      </Loaded>
    </div>
  );
}
