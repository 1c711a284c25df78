// One condition: field, operator, values.

import { ActionButton, Checkbox, ComboBox, ComboBoxItem, Picker, PickerItem, Text } from "@react-spectrum/s2";
import Delete from "@react-spectrum/s2/icons/Delete";
import { style } from "@react-spectrum/s2/style" with { type: "macro" };
import { useState } from "react";
import { segments as room } from "../../strings/en/segments";
import { NotToggle } from "./NotToggle";
import { isComplete } from "./pql/print";
import { type Condition, type Operator, TESTS } from "./pql/tree";
import css from "./segments.module.css";
import { TimeDistance } from "./TimeDistance";
import { ValueFields } from "./ValueFields";
import { type Choice, fitted, kindOf, OPERATORS } from "./values";

const words = room.rule;

type Props = { condition: Condition; fields: Choice[]; onChange: (condition: Condition) => void; onRemove: () => void };

export function ConditionRow({ condition, fields, onChange, onRemove }: Props) {
  const { path, operator } = condition;
  // A field that the text names takes the place of what was typed here; one that is chosen here keeps the focus.
  const [shown, setShown] = useState({ path, times: 0 });
  if (shown.path !== path) setShown({ path, times: shown.times + 1 });
  const kind = kindOf(fields.find((field) => field.path === path)?.type);
  const setField = (next: string) => {
    setShown({ ...shown, path: next });
    const nextKind = kindOf(fields.find((field) => field.path === next)?.type);
    const fits = OPERATORS[nextKind].includes(operator);
    changed({ ...condition, path: next }, fits ? operator : (OPERATORS[nextKind][0] ?? "="), nextKind);
  };
  const changed = (from: Condition, to: Operator, ofKind = kind) => {
    const { id, not, path: ofPath, ignoreCase, distance, direction } = from;
    const isTest = TESTS.some((test) => test === to) || to === "notLike";
    onChange({
      id,
      kind: "condition",
      not,
      path: ofPath,
      operator: to,
      values:
        to === "occurs" && operator !== "occurs" ? [{ kind: "moment", text: "now" }] : fitted(from.values, to, ofKind),
      ...(isTest && ignoreCase && { ignoreCase }),
      ...(to === "occurs" && {
        distance: operator === "occurs" ? distance : { compare: "<=", count: "30", unit: "day" },
        direction: direction ?? "before",
      }),
    });
  };
  // A rule may use an operator that is odd for the type, and fields that are not there any more.
  const operators = OPERATORS[kind].includes(operator) ? OPERATORS[kind] : [...OPERATORS[kind], operator];
  const choices =
    fields.some((field) => field.path === path) || path === "" ? fields : [{ path, type: "?" }, ...fields];
  const isTest = TESTS.some((test) => test === operator);
  return (
    <fieldset className={css.condition}>
      <legend className="visually-hidden">{words.condition}</legend>
      <NotToggle node={condition} onChange={(not) => onChange({ ...condition, not })} />
      <ComboBox
        key={shown.times}
        aria-label={words.field}
        placeholder={words.chooseField}
        size="S"
        menuTrigger="focus"
        defaultItems={choices}
        selectedKey={path === "" ? null : path}
        onSelectionChange={(key) => key !== null && setField(String(key))}
        styles={style({ width: 240 })}
      >
        {(choice: Choice) => (
          <ComboBoxItem id={choice.path} textValue={choice.path}>
            <Text slot="label">{choice.path}</Text>
            <Text slot="description">{choice.type}</Text>
          </ComboBoxItem>
        )}
      </ComboBox>
      <Picker
        aria-label={words.operator}
        size="S"
        selectedKey={operator}
        onSelectionChange={(key) => changed(condition, key as Operator)}
      >
        {operators.map((one) => (
          <PickerItem key={one} id={one}>
            {words.operators[one]}
          </PickerItem>
        ))}
      </Picker>
      {operator === "occurs" && <TimeDistance condition={condition} onChange={onChange} />}
      <ValueFields
        condition={condition}
        kind={operator === "occurs" ? "time" : kind === "other" ? "text" : kind}
        onChange={(values) => onChange({ ...condition, values })}
      />
      {isTest && (
        <Checkbox
          size="S"
          isSelected={condition.ignoreCase === true}
          onChange={(isOn) => onChange({ ...condition, ignoreCase: isOn || undefined })}
        >
          {words.ignoreCase}
        </Checkbox>
      )}
      <ActionButton
        isQuiet
        size="S"
        aria-label={words.removeCondition}
        onPress={onRemove}
        UNSAFE_className={css.remove}
      >
        <Delete />
      </ActionButton>
      {!isComplete(condition) && <p className={css.hint}>{words.incomplete}</p>}
    </fieldset>
  );
}
