import { ActionButton, Menu, MenuItem, MenuTrigger } from "@react-spectrum/s2";
import More from "@react-spectrum/s2/icons/More";

type Props<K extends string> = {
  /** Says of what, since a table has one in each row. */
  label: string;
  items: { id: K; label: string }[];
  onAction: (id: K) => void;
};

/** What can be done with one row of a table. */
export function RowMenu<K extends string>({ label, items, onAction }: Props<K>) {
  return (
    <MenuTrigger>
      <ActionButton isQuiet size="XS" aria-label={label}>
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
  );
}
