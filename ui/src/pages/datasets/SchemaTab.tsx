// The fields of a dataset as a tree, each with its labels; the chosen one's labels can be changed at the right.

import { Button, SearchField, Text, TreeView, TreeViewItem, TreeViewItemContent } from "@react-spectrum/s2";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Dataset, DatasetLabels, SchemaField } from "../../api/dataShapes";
import { datasetLabelsQuery, schemaQuery } from "../../api/datasets";
import { EmptyState } from "../../parts/EmptyState";
import { LabelChips } from "../../parts/LabelChips";
import { Loaded } from "../../parts/Loaded";
import css from "../../parts/page.module.css";
import { useSearch } from "../../parts/useSearch";
import { t } from "../../strings/en";
import { datasets as words } from "../../strings/en/datasets";
import own from "./datasets.module.css";
import { type Field, flatFields, labelled, shownLabels } from "./fields";
import { LabelRail } from "./LabelRail";
import { Suggestions } from "./Suggestions";

/** The key of the row that stands for the whole dataset. No field's place is that. */
const WHOLE = "dataset";

export function SchemaTab({ dataset }: { dataset: Dataset }) {
  const schema = useQuery(schemaQuery(dataset.id));
  const labels = useQuery(datasetLabelsQuery(dataset.id));
  return (
    <Loaded query={schema}>
      {(tree) =>
        tree.length === 0 ? (
          <EmptyState title={words.schema.none}>{words.schema.noneText}</EmptyState>
        ) : (
          <Loaded query={labels}>{(found) => <Fields dataset={dataset} tree={tree} labels={found} />}</Loaded>
        )
      }
    </Loaded>
  );
}

function Fields({ dataset, tree, labels }: { dataset: Dataset; tree: SchemaField[]; labels: DatasetLabels }) {
  const [search, setSearch] = useSearch<"field" | "find">();
  const fields = labelled(tree, labels, dataset.name);
  const all = flatFields(fields);
  const [expanded, setExpanded] = useState(
    () => new Set([WHOLE, ...all.filter((field) => field.fields.length > 0).map((field) => field.schemaPath)]),
  );
  const selected = all.find((field) => field.schemaPath === search.field);
  const find = search.find?.toLowerCase() ?? "";
  const found = find === "" ? undefined : all.filter((field) => field.path.toLowerCase().includes(find));
  const choose = (key: string | undefined) => setSearch({ field: key });
  return (
    <div className={css.split}>
      <div className={css.page}>
        <Suggestions datasetId={dataset.id} fields={all} />
        <div className={own.treeBox}>
          <div className={css.bar}>
            <SearchField
              aria-label={words.schema.find}
              placeholder={words.schema.find}
              value={search.find ?? ""}
              onChange={(next) => setSearch({ find: next })}
            />
            {search.field === undefined && <span className={css.quiet}>{words.schema.choose}</span>}
          </div>
          {found?.length === 0 ? (
            <EmptyState
              title={words.schema.noMatch}
              action={<Button onPress={() => setSearch({ find: undefined })}>{t.table.clear}</Button>}
            />
          ) : (
            <TreeView
              aria-label={words.schema.tree}
              selectionMode="single"
              selectionStyle="highlight"
              selectedKeys={search.field ? [search.field] : []}
              onSelectionChange={(keys) => choose([...(keys === "all" ? [] : keys)].map(String)[0])}
              expandedKeys={expanded}
              onExpandedChange={(keys) => setExpanded(new Set([...keys].map(String)))}
              UNSAFE_className={own.tree}
            >
              {found ? (
                found.map((field) => <FieldRow key={field.schemaPath} field={{ ...field, fields: [] }} isFlat />)
              ) : (
                <TreeViewItem id={WHOLE} textValue={words.schema.wholeDataset}>
                  <TreeViewItemContent>
                    <Text>
                      <span className={own.field}>
                        <strong>{words.schema.wholeDataset}</strong>
                        <LabelChips labels={labels.labels.map((name) => ({ name }))} />
                      </span>
                    </Text>
                  </TreeViewItemContent>
                  {fields.map((field) => (
                    <FieldRow key={field.schemaPath} field={field} />
                  ))}
                </TreeViewItem>
              )}
            </TreeView>
          )}
        </div>
      </div>
      {(selected || search.field === WHOLE) && (
        <LabelRail
          key={search.field}
          dataset={dataset}
          labels={labels}
          field={selected}
          onClose={() => choose(undefined)}
        />
      )}
    </div>
  );
}

function FieldRow({ field, isFlat = false }: { field: Field; isFlat?: boolean }) {
  return (
    <TreeViewItem id={field.schemaPath} textValue={field.path}>
      <TreeViewItemContent>
        <Text>
          <span className={own.field}>
            <span>{isFlat ? field.path : field.name}</span>
            <span className={own.type}>{field.type}</span>
            <LabelChips labels={shownLabels(field)} />
          </span>
        </Text>
      </TreeViewItemContent>
      {field.fields.map((inner) => (
        <FieldRow key={inner.schemaPath} field={inner} />
      ))}
    </TreeViewItem>
  );
}
