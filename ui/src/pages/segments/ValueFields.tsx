// The constants of a condition: one, or several for lists.

import { ActionButton, Picker, PickerItem, TextField } from "@react-spectrum/s2";
import Add from "@react-spectrum/s2/icons/Add";
import Close from "@react-spectrum/s2/icons/Close";
import { style } from "@react-spectrum/s2/style" with { type: "macro" };
import { segments as room } from "../../strings/en/segments";
import type { Condition, Value } from "./pql/tree";
import css from "./segments.module.css";
import { type FieldKind, typed } from "./values";

const words = room.rule;

type Props = { condition: Condition; kind: FieldKind; onChange: (values: Value[]) => void };

export function ValueFields({ condition, kind, onChange }: Props) {
  const { operator, values } = condition;
  if (values.length === 0) return null;
  const isList = operator === "in" || operator === "notIn";
  const set = (at: number, value: Value) => onChange(values.map((one, index) => (index === at ? value : one)));
  if (!isList) {
    const [value] = values;
    return value && <ValueField label={words.value} value={value} kind={kind} onChange={(next) => set(0, next)} />;
  }
  return (
    <span className={css.values}>
      {values.map((value, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: values have no names, and all is controlled
        <span key={at} className={css.value}>
          <ValueField label={words.valueOf(at + 1)} value={value} kind={kind} onChange={(next) => set(at, next)} />
          {values.length > 1 && (
            <ActionButton
              isQuiet
              size="XS"
              aria-label={words.removeValue(at + 1)}
              onPress={() => onChange(values.filter((_, index) => index !== at))}
            >
              <Close />
            </ActionButton>
          )}
        </span>
      ))}
      <ActionButton
        isQuiet
        size="S"
        aria-label={words.addValue}
        onPress={() => onChange([...values, typed(kind === "boolean" ? "true" : "", kind)])}
      >
        <Add />
      </ActionButton>
    </span>
  );
}

type FieldProps = { label: string; value: Value; kind: FieldKind; onChange: (value: Value) => void };

function ValueField({ label, value, kind, onChange }: FieldProps) {
  if (kind === "boolean")
    return (
      <Picker
        aria-label={label}
        size="S"
        selectedKey={value.text}
        onSelectionChange={(key) => onChange({ kind: "boolean", text: String(key) })}
      >
        <PickerItem id="true">{words.booleans.true}</PickerItem>
        <PickerItem id="false">{words.booleans.false}</PickerItem>
      </Picker>
    );
  return (
    <TextField
      aria-label={label}
      size="S"
      value={value.text}
      inputMode={kind === "number" ? "decimal" : "text"}
      placeholder={kind === "time" ? words.timeHelp : undefined}
      onChange={(text) => onChange(typed(text, kind))}
      styles={style({ width: 168 })}
    />
  );
}
