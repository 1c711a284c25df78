// A table of things that are made, changed and removed here, or what stands there while there is none.

import type { ReactNode } from "react";
import { ConfirmDialog } from "./ConfirmDialog";
import { type Column, DataTable } from "./DataTable";
import { EmptyState } from "./EmptyState";
import css from "./page.module.css";
import { RowMenu } from "./RowMenu";
import { HeadTools } from "./TabbedPages";
import { showDone } from "./toast";
import { WriteButton } from "./WriteOnly";

type Props<T> = {
  label: string;
  columns: Column<T>[];
  rows: T[];
  rowKey: (row: T) => string;
  sort?: string;
  hasMore?: boolean;
  words: { lead: string; create: string; empty: string; emptyText: string };
  onCreate: () => void;
  /** Below the table; dialogs, which are there without one, too. */
  children?: ReactNode;
};

export function ManagedList<T extends object>({ words, onCreate, children, ...table }: Props<T>) {
  const create = (
    <WriteButton variant="accent" onPress={onCreate}>
      {words.create}
    </WriteButton>
  );
  return (
    <div className={css.page}>
      {table.rows.length === 0 ? (
        <EmptyState title={words.empty} action={create}>
          {words.emptyText}
        </EmptyState>
      ) : (
        <>
          <HeadTools>{create}</HeadTools>
          <p className={css.quiet}>{words.lead}</p>
          <DataTable {...table} />
        </>
      )}
      {children}
    </div>
  );
}

type MenuWords = { menu: string; more: (name: string) => string };

/** The column with what can be done with a row: `items` opens the dialogs of the page by their ids. */
export function menuColumn<T>(
  words: MenuWords,
  about: (row: T) => { on: string; name: string },
  items: { id: string; label: string }[],
  open: (ask: string, on: string) => void,
): Column<T> {
  return {
    id: "menu",
    label: words.menu,
    width: 90,
    cell: (row) => {
      const { on, name } = about(row);
      return <RowMenu label={words.more(name)} items={items} onAction={(ask) => open(ask, on)} />;
    },
  };
}

type DeleteProps = {
  title: string;
  confirmLabel: string;
  /** Said when it is done. */
  done: string;
  onDelete: () => Promise<unknown>;
  onClose: () => void;
  children: ReactNode;
};

export function DeleteDialog({ title, confirmLabel, done, onDelete, onClose, children }: DeleteProps) {
  return (
    <ConfirmDialog
      title={title}
      isDestructive
      confirmLabel={confirmLabel}
      onConfirm={async () => {
        await onDelete();
        showDone(done);
      }}
      onClose={onClose}
    >
      {children}
    </ConfirmDialog>
  );
}
