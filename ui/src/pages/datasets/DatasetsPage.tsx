// All datasets.

import { SearchField } from "@react-spectrum/s2";
import { useQuery } from "@tanstack/react-query";
import type { Listed } from "../../api/client";
import type { Dataset } from "../../api/dataShapes";
import { datasetsQuery } from "../../api/datasets";
import { POLL_MILLIS } from "../../api/queries";
import { Anchor } from "../../parts/Anchor";
import { type Column, DataTable } from "../../parts/DataTable";
import { EmptyState } from "../../parts/EmptyState";
import { Loaded } from "../../parts/Loaded";
import { PageHead } from "../../parts/PageHead";
import css from "../../parts/page.module.css";
import { useSearch } from "../../parts/useSearch";
import { Count, Time } from "../../parts/values";
import { useMayWrite, WriteButton } from "../../parts/WriteOnly";
import { paths } from "../../paths";
import { datasets as words } from "../../strings/en/datasets";
import { DatasetDialog } from "./DatasetDialog";
import { isBusy, RefreshState } from "./RefreshState";

export function DatasetsPage() {
  const [search, setSearch] = useSearch<"find" | "attach">();
  const mayWrite = useMayWrite();
  const query = useQuery({
    ...datasetsQuery,
    refetchInterval: ({ state }) => (state.data?.items.some(isBusy) ? 1_000 : POLL_MILLIS),
  });
  const attach = (
    <WriteButton variant="accent" onPress={() => setSearch({ attach: "1" })}>
      {words.attach}
    </WriteButton>
  );
  return (
    <>
      <div className={css.head}>
        <PageHead title={words.title}>{query.data !== undefined && query.data.items.length > 0 && attach}</PageHead>
      </div>
      <Loaded query={query}>
        {(list) =>
          list.items.length === 0 ? (
            <EmptyState title={words.empty} action={attach}>
              {words.emptyText}
            </EmptyState>
          ) : (
            <Table list={list} find={search.find ?? ""} onFind={(find) => setSearch({ find })} />
          )
        }
      </Loaded>
      {search.attach && mayWrite && <DatasetDialog onClose={() => setSearch({ attach: undefined })} />}
    </>
  );
}

function Table({ list, find, onFind }: { list: Listed<Dataset>; find: string; onFind: (find: string) => void }) {
  const rows = list.items.filter(({ name }) => name.toLowerCase().includes(find.toLowerCase()));
  return (
    <div className={css.page}>
      <div className={css.bar}>
        <SearchField aria-label={words.find} placeholder={words.find} value={find} onChange={onFind} />
      </div>
      <DataTable
        label={words.title}
        name="datasets"
        columns={columns}
        rows={rows}
        rowKey={(dataset) => dataset.id}
        sort="name"
        hasMore={list.hasMore}
      />
    </div>
  );
}

const columns: Column<Dataset>[] = [
  {
    id: "name",
    label: words.columns.name,
    minWidth: 200,
    sortBy: (dataset) => dataset.name,
    cell: (dataset) => <Anchor to={paths.dataset(dataset.id)}>{dataset.name}</Anchor>,
  },
  {
    id: "state",
    label: words.columns.state,
    width: 150,
    sortBy: (dataset) => dataset.refresh?.state,
    cell: (dataset) => <RefreshState refresh={dataset.refresh} />,
  },
  {
    id: "records",
    label: words.columns.records,
    align: "end",
    sortBy: (dataset) => dataset.counts?.records,
    cell: (dataset) => <Count value={dataset.counts?.records} />,
  },
  {
    id: "profiles",
    label: words.columns.profiles,
    align: "end",
    sortBy: (dataset) => dataset.counts?.profiles,
    cell: (dataset) => <Count value={dataset.counts?.profiles} />,
  },
  {
    id: "identities",
    label: words.columns.identities,
    minWidth: 150,
    cell: (dataset) => dataset.identities.map((identity) => identity.namespace).join(", "),
  },
  {
    id: "refreshed",
    label: words.columns.refreshed,
    minWidth: 172,
    sortBy: (dataset) => dataset.refresh?.endedAt,
    cell: (dataset) => <Time at={dataset.refresh?.endedAt} />,
  },
  {
    id: "created",
    label: words.columns.created,
    minWidth: 172,
    isExtra: true,
    sortBy: (dataset) => dataset.createdAt,
    cell: (dataset) => <Time at={dataset.createdAt} />,
  },
  {
    id: "source",
    label: words.columns.source,
    minWidth: 220,
    isExtra: true,
    cell: (dataset) => dataset.source.urls.join(", "),
  },
];
