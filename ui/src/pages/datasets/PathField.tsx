// A field's path: typed, or chosen where the files were looked at.

import { ComboBox, ComboBoxItem, TextField } from "@react-spectrum/s2";
import { style } from "@react-spectrum/s2/style" with { type: "macro" };

const full = style({ width: "full" });

type Props = {
  label: string;
  value: string;
  /** What can be chosen; nothing where that is not known. */
  paths: string[];
  onChange: (path: string) => void;
  placeholder?: string;
  description?: string;
  isRequired?: boolean;
  isInvalid: boolean;
  errorMessage: string | undefined;
};

export function PathField({ paths, value, onChange, ...props }: Props) {
  if (paths.length === 0) return <TextField {...props} value={value} onChange={onChange} styles={full} />;
  return (
    <ComboBox
      {...props}
      allowsCustomValue
      menuTrigger="focus"
      inputValue={value}
      onInputChange={onChange}
      defaultItems={paths.map((id) => ({ id }))}
      styles={full}
    >
      {({ id }) => <ComboBoxItem id={id}>{id}</ComboBoxItem>}
    </ComboBox>
  );
}
