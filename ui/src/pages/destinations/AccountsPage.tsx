// All accounts, one a row.

import { LinkButton, SearchField } from "@react-spectrum/s2";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Account } from "../../api/shapes";
import { ALL, Choice } from "../../parts/Choice";
import { DataTable } from "../../parts/DataTable";
import { EmptyState } from "../../parts/EmptyState";
import { Loaded } from "../../parts/Loaded";
import css from "../../parts/page.module.css";
import { useSearch } from "../../parts/useSearch";
import { paths } from "../../paths";
import { t } from "../../strings/en";
import { destinations as room } from "../../strings/en/destinations";
import { AccountRail } from "./AccountRail";
import { type AccountAction, accountColumns } from "./accountColumns";
import { DeleteAccountDialog } from "./DeleteAccountDialog";
import { EditAccountDialog } from "./EditAccountDialog";
import { TestAccountDialog } from "./TestAccountDialog";
import { userOf, useWorkspace, type Workspace } from "./workspace";

const words = room.accounts;

export function AccountsPage() {
  const query = useWorkspace();
  return <Loaded query={query}>{(workspace) => <Accounts workspace={workspace} />}</Loaded>;
}

function Accounts({ workspace }: { workspace: Workspace }) {
  const queries = useQueryClient();
  const [search, setSearch] = useSearch<"find" | "platform" | "selected">();
  const [asked, setAsked] = useState<{ action: AccountAction; account: Account }>();
  if (workspace.accounts.length === 0) return <NoAccounts />;

  const act = (action: AccountAction, account: Account) => setAsked({ action, account });
  const close = () => setAsked(undefined);
  const renew = () => queries.invalidateQueries({ queryKey: ["accounts"] });
  const specOf = (account: Account) => workspace.specs.find((spec) => spec.id === account.connectionSpec.id);
  const usersOf = (account: Account) => workspace.destinations.filter((one) => one.account?.id === account.id);
  const find = search.find?.toLowerCase();
  const rows = workspace.accounts.filter(
    (account) =>
      (!search.platform || account.connectionSpec.id === search.platform) &&
      (!find || `${account.name} ${userOf(account) ?? ""}`.toLowerCase().includes(find)),
  );
  const selected = workspace.accounts.find((account) => account.id === search.selected);
  const specOfAsked = asked && specOf(asked.account);
  return (
    <div className={css.split}>
      <div className={css.page}>
        <div className={css.bar}>
          <SearchField
            aria-label={words.find}
            placeholder={words.find}
            value={search.find ?? ""}
            onChange={(text) => setSearch({ find: text })}
          />
          <Choice
            label={words.platform}
            items={[{ id: ALL, name: t.all }, ...workspace.specs]}
            value={search.platform}
            onChange={(platform) => setSearch({ platform })}
          />
        </div>
        <DataTable
          label={room.tabs.accounts}
          name="accounts"
          columns={accountColumns({ specOf, usersOf, act })}
          rows={rows}
          rowKey={(account) => account.id}
          sort="name"
          selected={search.selected}
          onSelect={(id) => setSearch({ selected: id })}
          hasMore={workspace.hasMore}
        />
      </div>
      {selected && (
        <AccountRail
          account={selected}
          spec={specOf(selected)}
          users={usersOf(selected)}
          onAction={act}
          onClose={() => setSearch({ selected: undefined })}
        />
      )}
      {asked?.action === "test" && <TestAccountDialog account={asked.account} spec={specOfAsked} onClose={close} />}
      {asked?.action === "edit" && specOfAsked && (
        <EditAccountDialog account={asked.account} spec={specOfAsked} onDone={renew} onClose={close} />
      )}
      {asked?.action === "delete" && (
        <DeleteAccountDialog
          account={asked.account}
          users={usersOf(asked.account)}
          onClose={close}
          onDone={() => {
            setSearch({ selected: undefined });
            return renew();
          }}
        />
      )}
    </div>
  );
}

function NoAccounts() {
  return (
    <EmptyState
      title={words.empty}
      action={
        <LinkButton variant="accent" href={paths.catalog()}>
          {room.browse.toCatalog}
        </LinkButton>
      }
    >
      {words.emptyText}
    </EmptyState>
  );
}
