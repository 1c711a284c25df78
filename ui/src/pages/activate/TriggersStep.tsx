// What sends a message to a stream.

import { Checkbox, Content, Heading, InlineAlert } from "@react-spectrum/s2";
import css from "../../parts/wizard.module.css";
import { activate as room } from "../../strings/en/activate";
import own from "./activate.module.css";
import type { ActivateDraft, Triggers } from "./draft";

const words = room.triggers;
const KINDS = ["segmentation", "attributes", "identities"] as const satisfies (keyof Triggers)[];

type Props = { draft: ActivateDraft; onChange: (part: Partial<ActivateDraft>) => void };

export function TriggersStep({ draft, onChange }: Props) {
  const { triggers, rewrites, coalesce } = draft;
  return (
    <div className={css.narrow}>
      <p>{words.lead}</p>
      <fieldset className={own.parts}>
        <legend>{words.label}</legend>
        {KINDS.map((kind) => (
          <div key={kind}>
            <Checkbox
              isSelected={triggers[kind]}
              onChange={(isOn) => onChange({ triggers: { ...triggers, [kind]: isOn } })}
            >
              {words[kind]}
            </Checkbox>
            <p className={own.meaning}>{words[`${kind}Text`]}</p>
          </div>
        ))}
      </fieldset>
      {KINDS.every((kind) => !triggers[kind]) && (
        <InlineAlert variant="notice">
          <Heading>{words.none}</Heading>
          <Content>{words.lead}</Content>
        </InlineAlert>
      )}
      <fieldset className={own.parts}>
        <legend>{words.more}</legend>
        <Checkbox isSelected={rewrites} onChange={(isOn) => onChange({ rewrites: isOn })}>
          {words.rewrites}
        </Checkbox>
        <Checkbox isSelected={coalesce} onChange={(isOn) => onChange({ coalesce: isOn })}>
          {words.coalesce}
        </Checkbox>
      </fieldset>
    </div>
  );
}
