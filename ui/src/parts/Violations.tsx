// Policies that a change would make destinations violate: which, why, and what would resolve it.

import type { Violation, WayOutStep } from "../api/dataShapes";
import { Problem } from "../api/problem";
import { violations as words } from "../strings/en/violations";
import { nameOfRef, useActionNames } from "./actionNames";
import { Lineage } from "./Lineage";
import css from "./violations.module.css";

/** The violations of a refused change; nothing where it was refused for something else. */
export function violationsOf(error: unknown): { violations: Violation[]; leftOut: number } | undefined {
  if (!(error instanceof Problem) || error.status !== 409 || !Array.isArray(error.body.violations)) return undefined;
  return {
    violations: error.body.violations as Violation[],
    leftOut: Number(error.body.violationsLeftOut ?? 0),
  };
}

export function flowsOf(violations: Violation[]): string[] {
  return [...new Map(violations.map(({ flow }) => [flow.id, flow.name])).values()];
}

export function ViolationList({ violations, leftOut = 0 }: { violations: Violation[]; leftOut?: number }) {
  const namesOf = useActionNames();
  return (
    <div className={css.list}>
      {violations.map((violation) => (
        <article
          key={`${violation.policy.id} ${violation.segment.id} ${violation.flow.id}`}
          className={css.violation}
          aria-label={violation.policy.name}
        >
          <h3>{violation.policy.name}</h3>
          <p>{words.where(violation.flow.name, violation.segment.name)}</p>
          <dl>
            <dt>{words.condition}</dt>
            <dd>
              <code>{violation.condition}</code>
            </dd>
            {violation.actions.length > 0 && (
              <>
                <dt>{words.actions}</dt>
                <dd>{namesOf(violation.actions)}</dd>
              </>
            )}
            <dt>{words.waysOut}</dt>
            <dd>
              <ul>
                {violation.waysOut.map(({ steps }) => {
                  const text = wayText(steps, (ref) => namesOf([ref]));
                  return <li key={text}>{text}</li>;
                })}
              </ul>
            </dd>
          </dl>
          <Lineage violation={violation} />
        </article>
      ))}
      {leftOut > 0 && <p>{words.more(leftOut)}</p>}
    </div>
  );
}

/** A field's place in its schema, `/properties/a/properties/b`, as rules write it: `a.b`. */
function fieldOf(schemaPath: string): string {
  const steps = schemaPath.split("/").slice(1);
  return steps
    .flatMap((step, at) =>
      steps[at - 1] === "properties"
        ? [step]
        : step === "items"
          ? ["[]"]
          : step === "additionalProperties"
            ? ["*"]
            : [],
    )
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"))
    .join(".");
}

/** A way out in words. `nameOf` names marketing actions. */
export function wayText(way: WayOutStep[], nameOf: (reference: string) => string = nameOfRef): string {
  const text = way.map((step) => stepText(step, nameOf)).join(words.and);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function stepText(step: WayOutStep, nameOf: (reference: string) => string): string {
  const { steps } = words;
  switch (step.kind) {
    case "unmap":
      return steps.unmap(step.fields.map((field) => field.path).join(", "));
    case "dropMandatory":
      return steps.dropMandatory(step.fields.join(", "));
    case "changeKey":
      return steps.changeKey(step.fields.join(", "));
    case "changeRule":
      return steps.changeRule(step.segment.name, step.fields.join(", "));
    case "changeLabels":
      return steps.changeLabels(
        step.labels.join(", "),
        step.schemaPath ? fieldOf(step.schemaPath) : undefined,
        step.dataset.name,
      );
    case "removeSegment":
      return steps.removeSegment(step.segment.name);
    case "dropActions":
      return steps.dropActions(step.actions.map(nameOf).join(", "));
    case "disablePolicy":
      return steps.disablePolicy(step.policyName);
  }
}
