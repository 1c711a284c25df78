// What the data will be used for: core actions and the organisation's own, each with its meaning.

import { Badge, Button, Checkbox, CheckboxGroup } from "@react-spectrum/s2";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { marketingActionsQuery } from "../../api/governance";
import { Loaded } from "../../parts/Loaded";
import css from "../../parts/wizard.module.css";
import { configure as room } from "../../strings/en/configure";
import { ActionDialog } from "./ActionDialog";
import own from "./configure.module.css";

const words = room.setup;

type Props = { chosen: string[]; onChange: (references: string[]) => void };

export function MarketingActions({ chosen, onChange }: Props) {
  const query = useQuery(marketingActionsQuery);
  const [isAdding, setAdding] = useState(false);
  return (
    <section className={css.stack} aria-label={words.use}>
      <div className={css.bar}>
        <h3>{words.use}</h3>
        <Button variant="secondary" size="S" onPress={() => setAdding(true)}>
          {words.addAction}
        </Button>
      </div>
      <p className={css.quiet}>{words.useText}</p>
      <Loaded query={query}>
        {(actions) => (
          <CheckboxGroup aria-label={words.use} value={chosen} onChange={onChange}>
            <div className={own.actions}>
              {actions.map((action) => (
                <div key={action.ref}>
                  <span className={own.action}>
                    <Checkbox value={action.ref}>{action.friendlyName ?? action.name}</Checkbox>
                    {!action.isCore && (
                      <Badge size="S" variant="neutral" fillStyle="subtle">
                        {words.custom}
                      </Badge>
                    )}
                  </span>
                  <p className={own.meaning}>{action.description ?? words.noDescription}</p>
                </div>
              ))}
            </div>
          </CheckboxGroup>
        )}
      </Loaded>
      {isAdding && (
        <ActionDialog onCreated={(reference) => onChange([...chosen, reference])} onClose={() => setAdding(false)} />
      )}
    </section>
  );
}
