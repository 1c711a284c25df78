// Conditions in groups of AND and OR, whatever a single condition is.

import { ActionButton, Button, Picker, PickerItem } from "@react-spectrum/s2";
import Delete from "@react-spectrum/s2/icons/Delete";
import type { ReactNode } from "react";
import type { Joined, Operands } from "../../api/dataShapes";
import { policies as room } from "../../strings/en/policies";
import rules from "../segments/segments.module.css";

const words = room.expression;

type Props<Leaf> = {
  /** What stands before the choice of all or any. */
  join: string;
  addLabel: string;
  value: Operands<Leaf>;
  onChange: (value: Operands<Leaf>) => void;
  newLeaf: () => Leaf;
  leaf: (leaf: Leaf, onChange: (leaf: Leaf) => void) => ReactNode;
};

export function OperandsBuilder<Leaf extends object>(props: Props<Leaf>) {
  const { value, onChange } = props;
  // The root is a group always, so that there is something to add to.
  const root: Joined<Leaf> = "operator" in value ? value : { operator: "OR", operands: [value] };
  return <GroupBox {...props} group={root} onGroup={onChange} depth={0} />;
}

type GroupProps<Leaf> = Omit<Props<Leaf>, "value" | "onChange"> & {
  group: Joined<Leaf>;
  onGroup: (group: Joined<Leaf>) => void;
  onRemove?: () => void;
  depth: number;
};

function GroupBox<Leaf extends object>(props: GroupProps<Leaf>) {
  const { join, addLabel, newLeaf, leaf, group, onGroup, onRemove, depth } = props;
  const { operator, operands } = group;
  const set = (at: number, next: Operands<Leaf> | undefined) =>
    onGroup({
      operator,
      operands: operands.flatMap((one, index) => (index !== at ? [one] : next === undefined ? [] : [next])),
    });
  const add = (next: Operands<Leaf>) => onGroup({ operator, operands: [...operands, next] });
  const other = operator === "AND" ? "OR" : "AND";
  return (
    <fieldset className={rules.group} data-root={depth === 0 || undefined}>
      <legend className="visually-hidden">{words.group}</legend>
      <div className={rules.groupHead}>
        {depth === 0 && <span>{join}</span>}
        <Picker
          aria-label={join}
          size="S"
          selectedKey={operator}
          onSelectionChange={(key) => onGroup({ operator: key === "AND" ? "AND" : "OR", operands })}
        >
          <PickerItem id="AND">{words.all}</PickerItem>
          <PickerItem id="OR">{words.any}</PickerItem>
        </Picker>
        {onRemove && (
          <ActionButton
            isQuiet
            size="S"
            aria-label={words.removeGroup}
            onPress={onRemove}
            UNSAFE_className={rules.remove}
          >
            <Delete />
          </ActionButton>
        )}
      </div>
      <ol className={rules.items}>
        {operands.map((operand, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: operands have no names, and all is controlled
          <li key={at}>
            {at > 0 && <span className={rules.join}>{words.joinWords[operator]}</span>}
            {"operator" in operand ? (
              <GroupBox
                {...props}
                group={operand}
                onGroup={(next) => set(at, next)}
                onRemove={() => set(at, undefined)}
                depth={depth + 1}
              />
            ) : (
              <div className={rules.condition}>
                {leaf(operand, (next) => set(at, next))}
                <ActionButton
                  isQuiet
                  size="S"
                  aria-label={words.remove}
                  onPress={() => set(at, undefined)}
                  UNSAFE_className={rules.remove}
                >
                  <Delete />
                </ActionButton>
              </div>
            )}
          </li>
        ))}
      </ol>
      <div className={rules.buttons}>
        <Button variant="secondary" size="S" onPress={() => add(newLeaf())}>
          {addLabel}
        </Button>
        <Button
          variant="secondary"
          fillStyle="outline"
          size="S"
          onPress={() => add({ operator: other, operands: [newLeaf()] })}
        >
          {words.addGroup}
        </Button>
      </div>
    </fieldset>
  );
}
