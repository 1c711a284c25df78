// People who are in no export.

import { ComboBox, ComboBoxItem, TextArea, TextField } from "@react-spectrum/s2";
import { style } from "@react-spectrum/s2/style" with { type: "macro" };
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Schemas } from "../../api/client";
import { datasetsQuery } from "../../api/datasets";
import { suppress, suppressionsQuery, unsuppress } from "../../api/people";
import { ConfirmDialog } from "../../parts/ConfirmDialog";
import type { Column } from "../../parts/DataTable";
import { FormDialog } from "../../parts/FormDialog";
import { faultAt } from "../../parts/formFields";
import { Loaded } from "../../parts/Loaded";
import { ManagedList } from "../../parts/ManagedList";
import { RowMenu } from "../../parts/RowMenu";
import { ShowMore } from "../../parts/ShowMore";
import { showDone } from "../../parts/toast";
import { useAsked } from "../../parts/useAsked";
import { Clipped, Time } from "../../parts/values";
import { Needs } from "../../parts/WriteOnly";
import { policies as room } from "../../strings/en/policies";

const words = room.suppressions;
const full = style({ width: "full" });
type Row = Schemas["ShownSuppression"];

export function SuppressionsPage() {
  return (
    <Needs>
      <Suppressions />
    </Needs>
  );
}

function Suppressions() {
  const query = useInfiniteQuery(suppressionsQuery);
  const queries = useQueryClient();
  const { asked, open, close } = useAsked();
  const [removed, setRemoved] = useState<string>();
  return (
    <Loaded query={query}>
      {({ pages }) => {
        const rows = pages.flatMap((page) => page.items);
        return (
          <ManagedList
            label={room.tabs.suppressions}
            columns={columns(setRemoved)}
            rows={rows}
            rowKey={({ key }) => key}
            words={{ ...words, create: words.add, lead: words.lead(pages[0]?.count ?? rows.length) }}
            onCreate={() => open("add")}
          >
            <ShowMore query={query} label={words.more} />
            {asked === "add" && <AddDialog onClose={close} />}
            {removed !== undefined && (
              <ConfirmDialog
                title={words.remove}
                confirmLabel={words.remove}
                onConfirm={async () => {
                  const answered = await unsuppress({ keys: [removed] });
                  showDone(words.removed(answered.removed));
                  await queries.invalidateQueries({ queryKey: ["suppressions"] });
                }}
                onClose={() => setRemoved(undefined)}
              >
                {words.removeText}
              </ConfirmDialog>
            )}
          </ManagedList>
        );
      }}
    </Loaded>
  );
}

function columns(remove: (key: string) => void): Column<Row>[] {
  return [
    {
      id: "key",
      label: words.key,
      width: 160,
      cell: ({ key }) => <Clipped isCode>{key}</Clipped>,
    },
    {
      id: "menu",
      label: room.menu,
      width: 90,
      cell: ({ key }) => (
        <RowMenu label={room.more(key)} items={[{ id: "remove", label: words.remove }]} onAction={() => remove(key)} />
      ),
    },
    {
      id: "namespace",
      label: words.namespace,
      width: 180,
      sortBy: ({ namespace }) => namespace,
      cell: ({ namespace }) => namespace,
    },
    {
      id: "reason",
      label: words.reason,
      minWidth: 200,
      cell: ({ reason }) => <Clipped>{reason}</Clipped>,
    },
    {
      id: "at",
      label: words.addedAt,
      width: 172,
      sortBy: ({ addedAt }) => addedAt,
      cell: ({ addedAt }) => <Time at={addedAt} />,
    },
    { id: "by", label: words.addedBy, width: 120, cell: ({ addedBy }) => addedBy },
  ];
}

function AddDialog({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const datasets = useQuery(datasetsQuery);
  const [namespace, setNamespace] = useState("");
  const [text, setText] = useState("");
  const [reason, setReason] = useState("");
  const ids = text.split("\n").filter((line) => line.trim() !== "");
  const names = new Set(datasets.data?.items.flatMap((dataset) => dataset.identities.map((one) => one.namespace)));
  return (
    <FormDialog
      title={words.addTitle}
      submitLabel={words.submit}
      isDisabled={namespace.trim() === "" || ids.length === 0}
      onClose={onClose}
      onSubmit={async () => {
        const answered = await suppress(
          ids.map((id) => ({ namespace: namespace.trim(), id: id.replace(/\r$/, "") })),
          reason,
        );
        const warnings = (answered.warnings ?? []).map((warning) => warning.message);
        showDone([words.added(answered.added, answered.known), ...new Set(warnings)].join(". "));
        await queries.invalidateQueries({ queryKey: ["suppressions"] });
      }}
    >
      {(problem) => (
        <>
          <ComboBox
            label={words.namespace}
            isRequired
            allowsCustomValue
            menuTrigger="focus"
            inputValue={namespace}
            onInputChange={setNamespace}
            items={[...names].sort().map((name) => ({ name }))}
            {...faultAt(problem, "/identities/0/namespace")}
            styles={full}
          >
            {({ name }) => <ComboBoxItem id={name}>{name}</ComboBoxItem>}
          </ComboBox>
          <TextArea
            label={words.ids}
            description={words.idsHelp}
            isRequired
            value={text}
            onChange={setText}
            styles={full}
          />
          <TextField
            label={words.reason}
            description={words.reasonHelp}
            maxLength={255}
            value={reason}
            onChange={setReason}
            styles={full}
          />
        </>
      )}
    </FormDialog>
  );
}
