// What to hand to whoever administers the destination, to copy.

import { Disclosure, DisclosurePanel, DisclosureTitle } from "@react-spectrum/s2";
import type { Spec } from "../../api/shapes";
import { CopyBlock } from "../../parts/CopyBlock";
import { Markdown } from "../../parts/Markdown";
import type { Values } from "../../parts/schema";
import css from "../../parts/wizard.module.css";
import { configure as room } from "../../strings/en/configure";
import { needsOf } from "./needs";

const words = room.needs;

export function NeedsPanel({ spec, account, target }: { spec: Spec; account: Values; target: Values }) {
  const guide = spec.attributes.guide ?? "";
  const needs = needsOf(spec.attributes.connector ?? undefined, guide, account, target);
  return (
    <>
      {needs.length > 0 && (
        <div className={css.panel}>
          <h3>{words.title}</h3>
          <p className={css.quiet}>{words.text}</p>
          {needs.map((need) => (
            <div key={need.id} className={css.dialog}>
              <strong>{words[need.id]}</strong>
              <CopyBlock isBlock text={need.text} label={words[need.id]} />
            </div>
          ))}
        </div>
      )}
      {guide !== "" && (
        <Disclosure size="S" density="compact" isQuiet>
          <DisclosureTitle level={3}>{words.guide}</DisclosureTitle>
          <DisclosurePanel>
            <Markdown text={guide} level={4} />
          </DisclosurePanel>
        </Disclosure>
      )}
    </>
  );
}
