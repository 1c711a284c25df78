// Which columns of a table are shown. The choice is kept in this browser, by the table's name.

import { ActionButton, Menu, MenuItem, MenuTrigger, Text } from "@react-spectrum/s2";
import Columns from "@react-spectrum/s2/icons/Layout";
import { useState } from "react";
import { t } from "../strings/en";

type Named = { id: string; label: string; isExtra?: boolean };

export function useShownColumns(name: string | undefined, columns: Named[]) {
  const key = `outflow-columns-${name}`;
  const [hidden, setHidden] = useState<Set<string>>(() => {
    const kept = name === undefined ? null : localStorage.getItem(key);
    if (kept !== null) return new Set(kept.split(","));
    return new Set(columns.filter((column) => column.isExtra).map((column) => column.id));
  });
  const shown = new Set(columns.map((column) => column.id).filter((id) => !hidden.has(id)));
  const change = (ids: Set<string>) => {
    const without = columns.map((column) => column.id).filter((id) => !ids.has(id));
    localStorage.setItem(key, without.join(","));
    setHidden(new Set(without));
  };
  return [shown, change] as const;
}

type Props = { columns: Named[]; shown: Set<string>; onChange: (shown: Set<string>) => void };

export function ColumnsMenu({ columns, shown, onChange }: Props) {
  const [first, ...rest] = columns;
  return (
    <MenuTrigger>
      <ActionButton isQuiet size="S">
        <Columns />
        <Text>{t.table.columns}</Text>
      </ActionButton>
      <Menu
        selectionMode="multiple"
        selectedKeys={[...shown]}
        onSelectionChange={(keys) => {
          const ids = keys === "all" ? columns.map((column) => column.id) : [...keys].map(String);
          // The first column names the row and stays.
          onChange(new Set(first ? [first.id, ...ids] : ids));
        }}
      >
        {rest.map((column) => (
          <MenuItem key={column.id} id={column.id}>
            {column.label}
          </MenuItem>
        ))}
      </Menu>
    </MenuTrigger>
  );
}
