// All destinations, one a row.

import { LinkButton, SearchField } from "@react-spectrum/s2";
import { ALL, Choice } from "../../parts/Choice";
import { DataTable } from "../../parts/DataTable";
import { EmptyState } from "../../parts/EmptyState";
import { Loaded } from "../../parts/Loaded";
import css from "../../parts/page.module.css";
import { useSearch } from "../../parts/useSearch";
import { paths } from "../../paths";
import { t } from "../../strings/en";
import { destinations as room } from "../../strings/en/destinations";
import { browseColumns } from "./browseColumns";
import own from "./destinations.module.css";
import { FlowDialog } from "./FlowDialog";
import { FlowRail } from "./FlowRail";
import { flowState } from "./states";
import { useFlowActions } from "./useFlowActions";
import { type Destination, useWorkspace, type Workspace } from "./workspace";

const words = room.browse;
const states = room.flowStates;

type Search = Partial<Record<"find" | "platform" | "status" | "account" | "selected", string>>;

export function BrowsePage() {
  const query = useWorkspace();
  return <Loaded query={query}>{(workspace) => <Browse workspace={workspace} />}</Loaded>;
}

function Browse({ workspace }: { workspace: Workspace }) {
  const [search, setSearch] = useSearch<keyof Search>();
  const { act, asked, renew, close } = useFlowActions();
  if (workspace.destinations.length === 0) {
    return (
      <EmptyState
        title={words.empty}
        action={
          <LinkButton variant="accent" href={paths.catalog()}>
            {words.toCatalog}
          </LinkButton>
        }
      >
        {words.emptyText}
      </EmptyState>
    );
  }
  const rows = workspace.destinations.filter((destination) => matches(destination, search));
  const selected = workspace.destinations.find(({ flow }) => flow.id === search.selected);
  return (
    <div className={css.split}>
      <div className={css.page}>
        <Filters workspace={workspace} search={search} onChange={setSearch} />
        <DataTable
          label={words.destination}
          name="browse"
          columns={browseColumns(act)}
          rows={rows}
          rowKey={({ flow }) => flow.id}
          sort="-created"
          selected={search.selected}
          onSelect={(id) => setSearch({ selected: id })}
          hasMore={workspace.hasMore}
        />
      </div>
      {selected && (
        <FlowRail destination={selected} onAction={act} onClose={() => setSearch({ selected: undefined })} />
      )}
      <FlowDialog
        asked={asked}
        onClose={close}
        onDone={(action) => {
          if (action === "delete") setSearch({ selected: undefined });
          return renew();
        }}
      />
    </div>
  );
}

type FiltersProps = { workspace: Workspace; search: Search; onChange: (change: Search) => void };

function Filters({ workspace, search, onChange }: FiltersProps) {
  const account = workspace.accounts.find((one) => one.id === search.account);
  const platforms = [{ id: ALL, name: t.all }, ...workspace.specs];
  const choices = [{ id: ALL, name: t.all }, ...Object.entries(states).map(([id, name]) => ({ id, name }))];
  return (
    <div className={css.bar}>
      <SearchField
        aria-label={words.find}
        placeholder={words.find}
        value={search.find ?? ""}
        onChange={(find) => onChange({ find })}
      />
      <Choice
        label={words.platform}
        items={platforms}
        value={search.platform}
        onChange={(platform) => onChange({ platform })}
      />
      <Choice label={words.status} items={choices} value={search.status} onChange={(status) => onChange({ status })} />
      {account && (
        <span className={own.chip}>
          {words.ofAccount(account.name)}
          <button type="button" aria-label={t.table.clear} onClick={() => onChange({ account: undefined })}>
            ×
          </button>
        </span>
      )}
    </div>
  );
}

function matches({ flow, spec, account }: Destination, search: Search): boolean {
  const find = search.find?.toLowerCase();
  return (
    (!find || flow.name.toLowerCase().includes(find) || (flow.description ?? "").toLowerCase().includes(find)) &&
    (!search.platform || spec?.id === search.platform) &&
    (!search.account || account?.id === search.account) &&
    (!search.status || flowState(flow) === search.status)
  );
}
