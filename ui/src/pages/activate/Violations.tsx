// Policies that saving would violate: why, where the data comes from, and the ways out of it.

import { Button } from "@react-spectrum/s2";
import { type ReactNode, useState } from "react";
import type { Violation } from "../../api/dataShapes";
import { useActionNames } from "../../parts/actionNames";
import { Lineage } from "../../parts/Lineage";
import { Facts } from "../../parts/Rail";
import { wayText } from "../../parts/Violations";
import css from "../../parts/wizard.module.css";
import { activate as room } from "../../strings/en/activate";
import own from "./activate.module.css";
import type { ActivateDraft } from "./draft";
import { appliedAll } from "./waysOut";

const words = room.violations;

type Props = {
  violations: Violation[];
  total: number;
  draft: ActivateDraft;
  onApply: (draft: ActivateDraft) => void;
  /** Beside the heading. */
  children: ReactNode;
};

export function Violations({ violations, total, draft, onApply, children }: Props) {
  const [at, setAt] = useState(0);
  const shown = violations[Math.min(at, violations.length - 1)];
  if (!shown) return null;
  return (
    <section className={own.violations} aria-label={words.title(total)}>
      <div className={own.violationsHead}>
        <h3>{words.title(total)}</h3>
        {children}
      </div>
      <div className={own.twoColumns}>
        <ul className={own.violationList}>
          {violations.map((violation, index) => (
            <li key={`${violation.policy.id} ${violation.segment.id}`}>
              <button type="button" aria-pressed={violation === shown} onClick={() => setAt(index)}>
                <strong>{violation.policy.name}</strong>
                <span>{words.in(violation.segment.name)}</span>
              </button>
            </li>
          ))}
          {total > violations.length && <li className={css.quiet}>{words.shown(violations.length)}</li>}
        </ul>
        <ViolationDetails
          key={`${shown.policy.id} ${shown.segment.id}`}
          violation={shown}
          draft={draft}
          onApply={onApply}
        />
      </div>
    </section>
  );
}

type DetailsProps = Pick<Props, "draft" | "onApply"> & { violation: Violation };

function ViolationDetails({ violation, draft, onApply }: DetailsProps) {
  const actionNames = useActionNames();
  return (
    <div className={css.stack}>
      {violation.policy.description && <p>{violation.policy.description}</p>}
      <div className={own.facts}>
        <Facts
          facts={[
            [words.condition, violation.condition],
            [words.found, violation.labels.join(", ")],
            [words.actions, actionNames(violation.actions) || words.never],
          ]}
        />
      </div>
      <Lineage violation={violation} />
      <h4>{words.waysOut}</h4>
      <p className={css.quiet}>{words.waysText}</p>
      <ul className={own.ways}>
        {violation.waysOut.map(({ steps }) => {
          const after = appliedAll(draft, steps);
          const text = wayText(steps, (ref) => actionNames([ref]));
          return (
            <li key={text}>
              <span>{text}</span>
              {after && (
                <Button
                  variant="secondary"
                  size="S"
                  aria-label={`${words.apply}: ${text}`}
                  onPress={() => onApply(after)}
                >
                  {words.apply}
                </Button>
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
