// Policies that saving would violate: why, where the data comes from, and the ways out of it.

import { Button, SegmentedControl, SegmentedControlItem } from "@react-spectrum/s2";
import { useState } from "react";
import { actionName, type MarketingAction } from "../../api/marketingActions";
import type { Violation, WayOutStep } from "../../api/policyCheck";
import { Facts } from "../../parts/Rail";
import css from "../../parts/wizard.module.css";
import { activate as room } from "../../strings/en/activate";
import own from "./activate.module.css";
import type { ActivateDraft } from "./draft";
import { LineageList } from "./LineageList";
import { LineagePicture } from "./LineagePicture";
import { WAYS_MAX } from "./lineage";
import { appliedAll } from "./waysOut";

const words = room.violations;

type Props = {
  violations: Violation[];
  total: number;
  actions: MarketingAction[];
  draft: ActivateDraft;
  onApply: (draft: ActivateDraft) => void;
};

export function Violations({ violations, total, actions, draft, onApply }: Props) {
  const [at, setAt] = useState(0);
  const shown = violations[Math.min(at, violations.length - 1)];
  if (!shown) return null;
  return (
    <section className={own.violations} aria-label={words.title(total)}>
      <h3>{words.title(total)}</h3>
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
          actions={actions}
          draft={draft}
          onApply={onApply}
        />
      </div>
    </section>
  );
}

type DetailsProps = Pick<Props, "actions" | "draft" | "onApply"> & { violation: Violation };

function ViolationDetails({ violation, actions, draft, onApply }: DetailsProps) {
  const [view, setView] = useState("picture");
  const nameOf = (reference: string) =>
    actions.find((action) => action.reference === reference)?.label ?? actionName(reference);
  const left = (violation.lineageLeftOut ?? 0) + (view === "picture" ? hiddenWays(violation) : 0);
  return (
    <div className={css.stack}>
      {violation.policy.description && <p>{violation.policy.description}</p>}
      <div className={own.facts}>
        <Facts
          facts={[
            [words.condition, violation.condition],
            [words.found, violation.labels.join(", ")],
            [words.actions, violation.actions.map(nameOf).join(", ") || words.never],
          ]}
        />
      </div>
      <div className={css.bar}>
        <h4>{words.lineage}</h4>
        <SegmentedControl aria-label={words.view} selectedKey={view} onSelectionChange={(key) => setView(String(key))}>
          <SegmentedControlItem id="picture">{words.picture}</SegmentedControlItem>
          <SegmentedControlItem id="list">{words.list}</SegmentedControlItem>
        </SegmentedControl>
      </div>
      {view === "picture" ? <LineagePicture violation={violation} /> : <LineageList violation={violation} />}
      {left > 0 && <p className={css.quiet}>{words.more(left)}</p>}
      <h4>{words.waysOut}</h4>
      <p className={css.quiet}>{words.waysText}</p>
      <ul className={own.ways}>
        {violation.waysOut.map(({ steps }) => {
          const after = appliedAll(draft, steps);
          const text = steps.map((step) => stepText(step, nameOf)).join(` ${words.and} `);
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

function hiddenWays(violation: Violation): number {
  return Math.max(0, violation.lineage.length - WAYS_MAX);
}

function stepText(step: WayOutStep, nameOf: (reference: string) => string): string {
  switch (step.kind) {
    case "unmap":
      return words.steps.unmap(step.fields.map((field) => field.path).join(", "));
    case "dropMandatory":
    case "changeKey":
      return words.steps[step.kind](step.fields.join(", "));
    case "changeRule":
      return words.steps.changeRule(step.segment.name, step.fields.join(", "));
    case "changeLabels": {
      const field = step.schemaPath?.split("/properties/").filter(Boolean).join(".");
      return words.steps.changeLabels(
        step.labels.join(", "),
        field ? `${step.dataset.name}, ${field}` : step.dataset.name,
      );
    }
    case "removeSegment":
      return words.steps.removeSegment(step.segment.name);
    case "dropActions":
      return words.steps.dropActions(step.actions.map(nameOf).join(", "));
    case "disablePolicy":
      return words.steps.disablePolicy(step.policyName);
  }
}
