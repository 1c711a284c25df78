// The labels that data can have.

import { SearchField, TextField } from "@react-spectrum/s2";
import { style } from "@react-spectrum/s2/style" with { type: "macro" };
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Label } from "../../api/dataShapes";
import { labelsQuery, putLabel } from "../../api/governance";
import { type Column, DataTable } from "../../parts/DataTable";
import { FormDialog } from "../../parts/FormDialog";
import { faultAt } from "../../parts/formFields";
import { LabelChips } from "../../parts/LabelChips";
import { Loaded } from "../../parts/Loaded";
import css from "../../parts/page.module.css";
import { RowMenu } from "../../parts/RowMenu";
import { HeadTools } from "../../parts/TabbedPages";
import { showDone } from "../../parts/toast";
import { useAsked } from "../../parts/useAsked";
import { useSearch } from "../../parts/useSearch";
import { Clipped, NONE } from "../../parts/values";
import { WriteButton } from "../../parts/WriteOnly";
import { t } from "../../strings/en";
import { policies as words } from "../../strings/en/policies";
import { LabelRail } from "./LabelRail";

export function LabelsPage() {
  const query = useQuery(labelsQuery);
  const [search, setSearch] = useSearch<"find" | "selected">();
  const { asked, on, open, close } = useAsked();
  return (
    <Loaded query={query}>
      {(labels) => (
        <div className={css.split}>
          <HeadTools>
            <WriteButton variant="accent" onPress={() => open("create")}>
              {words.labels.create}
            </WriteButton>
          </HeadTools>
          <div className={css.page}>
            <p className={css.quiet}>{words.labels.lead}</p>
            <div className={css.bar}>
              <SearchField
                aria-label={words.labels.find}
                placeholder={words.labels.find}
                value={search.find ?? ""}
                onChange={(find) => setSearch({ find })}
              />
            </div>
            <DataTable
              label={words.tabs.labels}
              columns={columns((name) => open("edit", name))}
              rows={labels.filter((label) => matches(label, search.find ?? ""))}
              rowKey={({ name }) => name}
              selected={search.selected}
              onSelect={(selected) => setSearch({ selected })}
            />
            {asked === "create" && <LabelDialog onClose={close} />}
            {asked === "edit" && on && (
              <LabelDialog key={on} label={labels.find((one) => one.name === on && !one.isCore)} onClose={close} />
            )}
          </div>
          <LabelRail
            label={labels.find(({ name }) => name === search.selected)}
            onClose={() => setSearch({ selected: undefined })}
          />
        </div>
      )}
    </Loaded>
  );
}

function matches({ name, friendlyName, description, category }: Label, find: string): boolean {
  return [name, friendlyName, description, category].join(" ").toLowerCase().includes(find.toLowerCase());
}

function columns(edit: (name: string) => void): Column<Label>[] {
  return [
    {
      id: "name",
      label: words.name,
      width: 132,
      sortBy: ({ name }) => name,
      cell: ({ name }) => <LabelChips labels={[{ name }]} />,
    },
    {
      id: "friendly",
      label: words.labels.friendlyName,
      minWidth: 160,
      sortBy: ({ friendlyName }) => friendlyName,
      cell: ({ friendlyName }) => friendlyName ?? NONE,
    },
    {
      id: "category",
      label: words.labels.category,
      width: 120,
      sortBy: ({ category }) => category,
      cell: ({ category }) => category,
    },
    {
      id: "meaning",
      label: words.labels.meaning,
      width: "2fr",
      minWidth: 200,
      cell: ({ description }) => <Clipped>{description}</Clipped>,
    },
    {
      id: "menu",
      label: words.menu,
      width: 90,
      cell: ({ name, isCore }) =>
        isCore ? null : (
          <RowMenu label={words.more(name)} items={[{ id: "edit", label: words.edit }]} onAction={() => edit(name)} />
        ),
    },
  ];
}

const full = style({ width: "full" });

function LabelDialog({ label, onClose }: { label?: Label; onClose: () => void }) {
  const queries = useQueryClient();
  const [name, setName] = useState(label?.name ?? "");
  const [friendlyName, setFriendlyName] = useState(label?.friendlyName ?? "");
  const [description, setDescription] = useState(label?.description ?? "");
  return (
    <FormDialog
      title={label ? words.labels.editTitle : words.labels.create}
      submitLabel={t.save}
      isDisabled={name.trim() === ""}
      onClose={onClose}
      onReload={label && (() => queries.invalidateQueries({ queryKey: ["labels"] }).then(onClose))}
      onSubmit={async () => {
        const body = { name: name.trim(), category: "Custom", description };
        await putLabel({ ...body, ...(friendlyName && { friendlyName }) }, label?.etag);
        showDone(words.saved(name));
        await queries.invalidateQueries({ queryKey: ["labels"] });
      }}
    >
      {(problem) => (
        <>
          <TextField
            label={words.labels.name}
            description={label ? undefined : words.labels.nameHelp}
            isRequired
            isReadOnly={label !== undefined}
            autoFocus={label === undefined}
            value={name}
            onChange={setName}
            {...faultAt(problem, "/name")}
            styles={full}
          />
          <TextField label={words.labels.friendlyName} value={friendlyName} onChange={setFriendlyName} styles={full} />
          <TextField label={words.labels.meaning} value={description} onChange={setDescription} styles={full} />
        </>
      )}
    </FormDialog>
  );
}
