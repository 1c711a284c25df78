// What can be done with one object. All of it changes something.

import { ActionButton, Menu, MenuItem, MenuTrigger } from "@react-spectrum/s2";
import More from "@react-spectrum/s2/icons/More";
import type { Scope } from "../api/session";
import { Writing } from "./WriteOnly";

type Props<K extends string> = {
  /** Says of what, since a table has one in each row. */
  label: string;
  items: { id: K; label: string }[];
  needs?: Scope;
  /** `XS` in a table, `M` in the head of a page. */
  size?: "XS" | "M";
  onAction: (id: K) => void;
};

export function RowMenu<K extends string>({ label, items, needs, size = "XS", onAction }: Props<K>) {
  return (
    <Writing needs={needs}>
      {(isBarred) => (
        <MenuTrigger>
          <ActionButton isQuiet={size === "XS"} size={size} aria-label={label} isDisabled={isBarred}>
            <More />
          </ActionButton>
          <Menu onAction={(key) => onAction(key as K)}>
            {items.map((item) => (
              <MenuItem key={item.id} id={item.id}>
                {item.label}
              </MenuItem>
            ))}
          </Menu>
        </MenuTrigger>
      )}
    </Writing>
  );
}
