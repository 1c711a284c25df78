// A form made of a JSON Schema: every destination's account and target, without code of their own in the console.

import { NumberField, Picker, PickerItem, Switch, TextArea, TextField } from "@react-spectrum/s2";
import { style } from "@react-spectrum/s2/style" with { type: "macro" };
import type { ReactNode } from "react";
import type { Problem } from "../api/problem";
import { t } from "../strings/en";
import { InlineText } from "./Markdown";
import css from "./parts.module.css";
import { type Field, fieldsOf, type JsonSchema, MASK, type Values } from "./schema";

type Props = {
  schema: JsonSchema;
  values: Values;
  onChange: (values: Values) => void;
  /** What the API refused, and the JSON pointer under which these values were sent, for example `/auth/params`. */
  problem?: Problem | null;
  pointer?: string;
  isDisabled?: boolean;
};

const full = style({ width: "full" });

export function SchemaForm({ schema, values, onChange, problem, pointer = "", isDisabled }: Props) {
  return (
    <div className={css.form}>
      {fieldsOf(schema).map((field) => (
        <SchemaField
          key={field.name}
          field={field}
          value={values[field.name]}
          onChange={(value) => onChange({ ...values, [field.name]: value })}
          error={problem?.field(`${pointer}/${field.name}`)}
          isDisabled={isDisabled}
        />
      ))}
    </div>
  );
}

type FieldProps = {
  field: Field;
  value: Values[string];
  onChange: (value: Values[string]) => void;
  error?: string;
  isDisabled?: boolean;
};

function SchemaField({ field, value, onChange, error, isDisabled }: FieldProps) {
  const shared = {
    label: field.label,
    name: field.name,
    description: field.help && (
      <span>
        <InlineText text={field.help} />
      </span>
    ),
    isRequired: field.isRequired,
    isInvalid: error !== undefined,
    errorMessage: error,
    isDisabled,
    styles: full,
  };
  const text = value === undefined || value === null ? "" : String(value);
  const isMasked = text === MASK;
  switch (field.kind) {
    case "boolean":
      return (
        <div>
          <Switch isSelected={value === true} onChange={onChange} isDisabled={isDisabled}>
            {field.label}
          </Switch>
          {field.help && (
            <p className={css.help}>
              <InlineText text={field.help} />
            </p>
          )}
        </div>
      );
    case "maybe":
      return (
        <Choice
          {...shared}
          choices={BOOLEANS}
          value={text}
          onChange={(key) => onChange(key === "" ? undefined : key === "true")}
        />
      );
    case "choice":
      return (
        <Choice
          {...shared}
          choices={field.choices.map((choice) => ({ id: choice, label: choice }))}
          value={text}
          onChange={(key) => onChange(key === "" ? undefined : key)}
        />
      );
    case "number":
      return (
        <NumberField
          {...shared}
          value={typeof value === "number" ? value : Number.NaN}
          onChange={(number) => onChange(Number.isNaN(number) ? undefined : number)}
          minValue={field.property.minimum}
          maxValue={field.property.maximum}
          formatOptions={{ useGrouping: false }}
        />
      );
    case "lines":
    case "secretLines":
      return (
        <TextArea
          {...shared}
          value={isMasked ? "" : text}
          placeholder={isMasked ? t.form.secretKept : undefined}
          onChange={(next) => onChange(next === "" && isMasked ? MASK : next)}
        />
      );
    default:
      return (
        <TextField
          {...shared}
          type={field.kind === "secret" ? "password" : "text"}
          autoComplete="off"
          value={isMasked ? "" : text}
          placeholder={isMasked ? t.form.secretKept : undefined}
          onChange={onChange}
          maxLength={field.property.maxLength}
        />
      );
  }
}

const BOOLEANS = [
  { id: "true", label: t.yes },
  { id: "false", label: t.no },
];

type ChoiceProps = {
  label: string;
  name: string;
  description?: ReactNode;
  isRequired: boolean;
  isInvalid: boolean;
  errorMessage?: string;
  isDisabled?: boolean;
  styles: typeof full;
  choices: { id: string; label: string }[];
  value: string;
  onChange: (key: string) => void;
};

/** One of several; where it need not be chosen, also none. */
function Choice({ choices, value, onChange, ...shared }: ChoiceProps) {
  const items = shared.isRequired ? choices : [{ id: NOT_SET, label: t.form.notSet }, ...choices];
  return (
    <Picker
      {...shared}
      items={items}
      placeholder={t.form.choose}
      selectedKey={value === "" ? (shared.isRequired ? null : NOT_SET) : value}
      onSelectionChange={(key) => onChange(key === null || key === NOT_SET ? "" : String(key))}
    >
      {(item) => <PickerItem id={item.id}>{item.label}</PickerItem>}
    </Picker>
  );
}

const NOT_SET = "\0";
