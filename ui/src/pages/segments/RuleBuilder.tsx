// The rule as conditions in groups.

import { ActionButton, Button, Picker, PickerItem } from "@react-spectrum/s2";
import Delete from "@react-spectrum/s2/icons/Delete";
import { segments as room } from "../../strings/en/segments";
import { ConditionRow } from "./ConditionRow";
import { NotToggle } from "./NotToggle";
import { type Group, type Node, newCondition, newGroup, replaced, type TextPart } from "./pql/tree";
import css from "./segments.module.css";
import type { Choice } from "./values";

const words = room.rule;

type Props = { tree: Group; fields: Choice[]; onChange: (tree: Group) => void };

export function RuleBuilder({ tree, fields, onChange }: Props) {
  const change = (id: string, by: Node | undefined) => onChange(replaced(tree, id, by));
  return <GroupBox group={tree} fields={fields} onChange={onChange} onNode={change} depth={0} />;
}

type GroupProps = {
  group: Group;
  fields: Choice[];
  onChange: (group: Group) => void;
  /** Replaces a node anywhere below the root, or takes it out. */
  onNode: (id: string, by: Node | undefined) => void;
  depth: number;
};

function GroupBox({ group, fields, onChange, onNode, depth }: GroupProps) {
  const add = (node: Node) => onChange({ ...group, items: [...group.items, node] });
  return (
    <fieldset className={css.group} data-root={depth === 0 || undefined}>
      <legend className="visually-hidden">{words.group}</legend>
      <div className={css.groupHead}>
        {depth > 0 && <NotToggle node={group} onChange={(not) => onChange({ ...group, not })} />}
        <span>{words.join}</span>
        <Picker
          aria-label={words.join}
          size="S"
          selectedKey={group.join}
          onSelectionChange={(key) => onChange({ ...group, join: key === "or" ? "or" : "and" })}
        >
          <PickerItem id="and">{words.joins.and}</PickerItem>
          <PickerItem id="or">{words.joins.or}</PickerItem>
        </Picker>
        {depth > 0 && (
          <ActionButton
            isQuiet
            size="S"
            aria-label={words.removeGroup}
            onPress={() => onNode(group.id, undefined)}
            UNSAFE_className={css.remove}
          >
            <Delete />
          </ActionButton>
        )}
      </div>
      {group.items.length === 0 && depth === 0 && <p className={css.hint}>{words.emptyRule}</p>}
      <ol className={css.items}>
        {group.items.map((item, at) => (
          <li key={item.id}>
            {at > 0 && <span className={css.join}>{words.joinWords[group.join]}</span>}
            {item.kind === "group" && (
              <GroupBox
                group={item}
                fields={fields}
                onChange={(next) => onNode(item.id, next)}
                onNode={onNode}
                depth={depth + 1}
              />
            )}
            {item.kind === "condition" && (
              <ConditionRow
                condition={item}
                fields={fields}
                onChange={(next) => onNode(item.id, next)}
                onRemove={() => onNode(item.id, undefined)}
              />
            )}
            {item.kind === "text" && (
              <TextRow
                part={item}
                onChange={(next) => onNode(item.id, next)}
                onRemove={() => onNode(item.id, undefined)}
              />
            )}
          </li>
        ))}
      </ol>
      <div className={css.buttons}>
        <Button variant="secondary" size="S" onPress={() => add(newCondition())}>
          {words.addCondition}
        </Button>
        <Button
          variant="secondary"
          size="S"
          fillStyle="outline"
          onPress={() => add(newGroup(group.join === "and" ? "or" : "and", [newCondition()]))}
        >
          {words.addGroup}
        </Button>
      </div>
    </fieldset>
  );
}

type TextProps = { part: TextPart; onChange: (part: TextPart) => void; onRemove: () => void };

/** A part that only the text can change: what it is, and why. */
function TextRow({ part, onChange, onRemove }: TextProps) {
  return (
    <fieldset className={css.condition}>
      <legend className="visually-hidden">{words.asText}</legend>
      <NotToggle node={part} onChange={(not) => onChange({ ...part, not })} />
      <code className={css.part}>{part.text}</code>
      <ActionButton
        isQuiet
        size="S"
        aria-label={words.removeCondition}
        onPress={onRemove}
        UNSAFE_className={css.remove}
      >
        <Delete />
      </ActionButton>
      <p className={css.hint}>{words.reasons[part.reason]}</p>
    </fieldset>
  );
}
