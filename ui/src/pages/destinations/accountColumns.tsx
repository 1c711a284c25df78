// Columns of the table of accounts, and the menu of a row.

import { ActionMenu, MenuItem } from "@react-spectrum/s2";
import type { Account, Spec } from "../../api/shapes";
import { signInTitle } from "../../api/specs";
import { Anchor } from "../../parts/Anchor";
import type { Column } from "../../parts/DataTable";
import { NONE, Time } from "../../parts/values";
import { useMayWrite } from "../../parts/WriteOnly";
import { paths } from "../../paths";
import { t } from "../../strings/en";
import { destinations as room } from "../../strings/en/destinations";
import { Platform } from "./Platform";
import { type Destination, userOf } from "./workspace";

const words = room.accounts;

export type AccountAction = "test" | "edit" | "delete";

type Context = {
  specOf: (account: Account) => Spec | undefined;
  /** The destinations that use an account. */
  usersOf: (account: Account) => Destination[];
  act: (action: AccountAction, account: Account) => void;
};

export function accountColumns({ specOf, usersOf, act }: Context): Column<Account>[] {
  const typeOf = (account: Account) => signInTitle(specOf(account), account.auth?.specName);
  return [
    {
      id: "name",
      label: words.name,
      minWidth: 140,
      sortBy: (account) => account.name,
      cell: ({ name }) => <span title={name}>{name}</span>,
    },
    {
      id: "actions",
      label: room.browse.actions,
      width: 90,
      cell: (account) => <AccountMenu account={account} onAction={(action) => act(action, account)} />,
    },
    {
      id: "platform",
      label: words.platform,
      minWidth: 178,
      sortBy: (account) => specOf(account)?.name,
      cell: (account) => <Platform spec={specOf(account)} />,
    },
    {
      id: "connectionType",
      label: words.connectionType,
      minWidth: 168,
      sortBy: typeOf,
      cell: (account) => <span title={typeOf(account)}>{typeOf(account) ?? NONE}</span>,
    },
    {
      id: "username",
      label: words.username,
      minWidth: 146,
      sortBy: userOf,
      cell: (account) => <span title={userOf(account)}>{userOf(account) ?? NONE}</span>,
    },
    {
      id: "destinations",
      label: words.destinations,
      minWidth: 140,
      sortBy: (account) => usersOf(account).length,
      cell: (account) => (
        <Anchor to={paths.browse({ account: account.id })}>{room.count(usersOf(account).length)}</Anchor>
      ),
    },
    {
      id: "encryption",
      label: words.encryption,
      minWidth: 130,
      isExtra: true,
      cell: (account) => (account.encryption ? words.encrypted : t.none),
    },
    {
      id: "authorized",
      label: words.authorized,
      minWidth: 168,
      sortBy: (account) => account.createdAt,
      cell: (account) => <Time at={account.createdAt} />,
    },
    {
      id: "changed",
      label: words.changed,
      minWidth: 168,
      isExtra: true,
      sortBy: (account) => account.updatedAt,
      cell: (account) => <Time at={account.updatedAt} />,
    },
  ];
}

export function AccountMenu({ account, onAction }: { account: Account; onAction: (action: AccountAction) => void }) {
  if (!useMayWrite()) return null;
  return (
    <ActionMenu
      isQuiet
      size="XS"
      aria-label={room.actions.of(account.name)}
      onAction={(key) => onAction(key as AccountAction)}
    >
      <MenuItem id="test">{words.test}</MenuItem>
      <MenuItem id="edit">{words.edit}</MenuItem>
      <MenuItem id="delete">{words.delete}</MenuItem>
    </ActionMenu>
  );
}
