// Single conditions of a consent policy.

import { ComboBox, ComboBoxItem, Picker, PickerItem, TextField } from "@react-spectrum/s2";
import { style } from "@react-spectrum/s2/style" with { type: "macro" };
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Label, MarketingAction } from "../../api/dataShapes";
import { profileFieldsQuery } from "../../api/profiles";
import { keyOfRef } from "../../parts/actionNames";
import { t } from "../../strings/en";
import { policies as room } from "../../strings/en/policies";
import { choicesOf } from "../segments/values";
import { valuesOf } from "./consent";
import { LabelPicker } from "./LabelPicker";

const words = room.consent;

type Condition = { marketingActionRef: string } | { label: string };
type ConditionProps = {
  leaf: Condition;
  labels: Label[];
  actions: MarketingAction[];
  onChange: (leaf: Condition) => void;
};

export function ConditionLeaf({ leaf, labels, actions, onChange }: ConditionProps) {
  const isLabel = "label" in leaf;
  return (
    <>
      <Picker
        aria-label={words.what}
        size="S"
        selectedKey={isLabel ? "label" : "action"}
        onSelectionChange={(key) => onChange(key === "label" ? { label: "" } : { marketingActionRef: "" })}
      >
        <PickerItem id="action">{words.action}</PickerItem>
        <PickerItem id="label">{words.labelKind}</PickerItem>
      </Picker>
      {isLabel ? (
        <LabelPicker labels={labels} value={leaf.label} onChange={(label) => onChange({ label })} />
      ) : (
        <Picker
          aria-label={words.action}
          size="S"
          placeholder={t.form.choose}
          items={actions.map(({ ref, name, friendlyName }) => ({ id: ref, name: friendlyName ?? name }))}
          selectedKey={actions.find(({ ref }) => keyOfRef(ref) === keyOfRef(leaf.marketingActionRef))?.ref ?? null}
          onSelectionChange={(key) => onChange({ marketingActionRef: String(key) })}
        >
          {({ id, name }) => <PickerItem id={id}>{name}</PickerItem>}
        </Picker>
      )}
    </>
  );
}

type Agreement = { path: string; values: string[] };

export function AgreementLeaf({ leaf, onChange }: { leaf: Agreement; onChange: (leaf: Agreement) => void }) {
  const fields = useQuery(profileFieldsQuery);
  // What is typed is kept as it is: a comma at the end is the beginning of the next value.
  const [text, setText] = useState(leaf.values.join(", "));
  return (
    <>
      <ComboBox
        aria-label={words.path}
        placeholder={words.path}
        size="S"
        allowsCustomValue
        menuTrigger="focus"
        defaultItems={choicesOf(fields.data?.fields ?? [])}
        inputValue={leaf.path}
        onInputChange={(path) => onChange({ ...leaf, path })}
        styles={style({ width: 260 })}
      >
        {({ path }) => <ComboBoxItem id={path}>{path}</ComboBoxItem>}
      </ComboBox>
      <TextField
        aria-label={words.values}
        placeholder={words.values}
        size="S"
        value={text}
        onChange={(next) => {
          setText(next);
          onChange({ ...leaf, values: valuesOf(next) });
        }}
        styles={style({ width: 240 })}
      />
    </>
  );
}
