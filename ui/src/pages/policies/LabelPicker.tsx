import { ComboBox, ComboBoxItem, Text } from "@react-spectrum/s2";
import { style } from "@react-spectrum/s2/style" with { type: "macro" };
import type { Label } from "../../api/dataShapes";
import { policies as words } from "../../strings/en/policies";

type Props = { labels: Label[]; value: string; onChange: (name: string) => void };

/** One label. One that is not known any more stays until another is chosen. */
export function LabelPicker({ labels, value, onChange }: Props) {
  const isKnown = value === "" || labels.some(({ name }) => name === value);
  const choices = labels.map(({ name, friendlyName }) => ({ name, about: friendlyName ?? "" }));
  return (
    <ComboBox
      aria-label={words.expression.label}
      placeholder={words.expression.label}
      size="S"
      menuTrigger="focus"
      defaultItems={isKnown ? choices : [{ name: value, about: "?" }, ...choices]}
      selectedKey={value === "" ? null : value}
      onSelectionChange={(key) => key !== null && onChange(String(key))}
      styles={style({ width: 200 })}
    >
      {({ name, about }) => (
        <ComboBoxItem id={name} textValue={name}>
          <Text slot="label">{name}</Text>
          <Text slot="description">{about}</Text>
        </ComboBoxItem>
      )}
    </ComboBox>
  );
}
