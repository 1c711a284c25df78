// People who are in no export.

import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Schemas } from "../../api/client";
import { suppressionsQuery, unsuppress } from "../../api/people";
import { ConfirmDialog } from "../../parts/ConfirmDialog";
import type { Column } from "../../parts/DataTable";
import { Loaded } from "../../parts/Loaded";
import { ManagedList } from "../../parts/ManagedList";
import { RowMenu } from "../../parts/RowMenu";
import { ShowMore } from "../../parts/ShowMore";
import { showDone } from "../../parts/toast";
import { useAsked } from "../../parts/useAsked";
import { Clipped, Time } from "../../parts/values";
import { Needs } from "../../parts/WriteOnly";
import { policies as room } from "../../strings/en/policies";
import { SuppressDialog } from "./SuppressDialog";

const words = room.suppressions;
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
            {asked === "add" && <SuppressDialog onClose={close} />}
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
      width: 200,
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
