// What a connection test did, step by step, up to the first that failed or the one that it is at.

import { StatusLight } from "@react-spectrum/s2";
import type { ProbeStep } from "../api/probe";
import { t } from "../strings/en";
import { sentence } from "./format";
import css from "./parts.module.css";

const VARIANTS = { passed: "positive", limited: "notice", failed: "negative", running: "informative" } as const;

/** With `isTold`, what a failed step says is told beside the steps already. */
export function ProbeSteps({ steps, isTold = false }: { steps: ProbeStep[]; isTold?: boolean }) {
  const textsOf = ({ outcome, found, message, hint }: ProbeStep) =>
    [found, ...(isTold && outcome === "failed" ? [] : [message, hint].map((text) => text && sentence(text)))].filter(
      (text): text is string => Boolean(text),
    );
  return (
    <ol className={css.probe}>
      {steps.map((step) => (
        <li key={step.name}>
          <StatusLight size="S" variant={VARIANTS[step.outcome as keyof typeof VARIANTS] ?? "neutral"}>
            {step.name}
          </StatusLight>
          <span className="visually-hidden">{t.probe[step.outcome] ?? step.outcome}</span>
          {textsOf(step).map((text) => (
            <p key={text}>{text}</p>
          ))}
        </li>
      ))}
    </ol>
  );
}
