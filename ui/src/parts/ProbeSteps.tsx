// What a connection test did, step by step, up to the first that failed or the one that it is at.

import { StatusLight } from "@react-spectrum/s2";
import type { ProbeStep } from "../api/probe";
import { t } from "../strings/en";
import css from "./parts.module.css";

const VARIANTS = { passed: "positive", limited: "notice", failed: "negative", running: "informative" } as const;

export function ProbeSteps({ steps }: { steps: ProbeStep[] }) {
  return (
    <ol className={css.probe}>
      {steps.map((step) => (
        <li key={step.name}>
          <StatusLight size="S" variant={VARIANTS[step.outcome as keyof typeof VARIANTS] ?? "neutral"}>
            {step.name}
          </StatusLight>
          <span className="visually-hidden">{t.probe[step.outcome] ?? step.outcome}</span>
          {[step.found, step.message, step.hint].filter(Boolean).map((text) => (
            <p key={text}>{text}</p>
          ))}
        </li>
      ))}
    </ol>
  );
}
