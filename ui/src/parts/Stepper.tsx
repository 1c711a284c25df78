// Where one is in a wizard. Steps that were done are links back.

import { Anchor } from "./Anchor";
import css from "./parts.module.css";

export type Step = {
  id: string;
  label: string;
  /** Where the step is; without it, it cannot be gone to. */
  to?: string;
};

export function Stepper({ label, steps, current }: { label: string; steps: Step[]; current: string }) {
  const at = steps.findIndex((step) => step.id === current);
  return (
    <ol className={css.stepper} aria-label={label}>
      {steps.map((step, index) => (
        <li key={step.id} data-done={index < at || undefined} aria-current={index === at ? "step" : undefined}>
          <span className={css.stepNumber} aria-hidden>
            {index < at ? "✓" : index + 1}
          </span>
          {step.to && index !== at ? <Anchor to={step.to}>{step.label}</Anchor> : <span>{step.label}</span>}
        </li>
      ))}
    </ol>
  );
}
