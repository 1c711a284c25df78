// A filter: one of several, or all.

import { Picker, PickerItem } from "@react-spectrum/s2";
import { style } from "@react-spectrum/s2/style" with { type: "macro" };

/** The id of the item that stands for no filter. */
export const ALL = "all";

type ChoiceProps = {
  label: string;
  items: { id: string; name: string }[];
  value?: string;
  onChange: (value: string | undefined) => void;
  /** Below its label and as wide as its place, as fields are. */
  isField?: boolean;
};

/** What is chosen from may need more room than the field has. */
const MENU_PX = 220;
const beside = style({ width: 208 });
const full = style({ width: "full" });

export function Choice({ label, items, value, onChange, isField = false }: ChoiceProps) {
  return (
    <Picker
      label={label}
      labelPosition={isField ? "top" : "side"}
      styles={isField ? full : beside}
      menuWidth={isField ? MENU_PX : undefined}
      items={items}
      selectedKey={value ?? ALL}
      onSelectionChange={(key) => onChange(key === ALL || key === null ? undefined : String(key))}
    >
      {(item) => <PickerItem id={item.id}>{item.name}</PickerItem>}
    </Picker>
  );
}
