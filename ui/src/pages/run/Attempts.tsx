// How often a run was tried, where more than once or not to the end.

import type { Run } from "../../api/shapes";
import css from "../../parts/page.module.css";
import { Section } from "../../parts/Section";
import { NONE, Time } from "../../parts/values";
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
            <Time at={attempt.startedAt} />
            {attempt.outcome ? <RunLight state={attempt.outcome} /> : <span>{NONE}</span>}
            <span>{attempt.error?.message}</span>
          </li>
        ))}
      </ol>
    </Section>
  );
}
