// How often a run was tried, where more than once or not to the end.

import type { Run } from "../../api/shapes";
import { sentence } from "../../parts/format";
import css from "../../parts/page.module.css";
import { Section } from "../../parts/Section";
import { NONE, State, Time } from "../../parts/values";
import { runs as words } from "../../strings/en/runs";
import { RunLight } from "../destinations/states";

export function Attempts({ run }: { run: Run }) {
  const attempts = run.attempts ?? [];
  if (attempts.length < 2) return null;
  return (
    <Section title={words.facts.attempts}>
      <ol className={css.lines}>
        {attempts.map((attempt) => (
          <li key={attempt.number}>
            <span>{words.error.attempt(attempt.number)}</span>
            <Time at={attempt.startedAt} seconds />
            <Outcome outcome={attempt.outcome} />
            <span>{attempt.error?.message && sentence(attempt.error.message)}</span>
          </li>
        ))}
      </ol>
    </Section>
  );
}

function Outcome({ outcome }: { outcome?: string | null }) {
  if (!outcome) return <span>{NONE}</span>;
  const label = words.error.outcomes[outcome];
  return label ? <State variant="notice">{label}</State> : <RunLight state={outcome} />;
}
