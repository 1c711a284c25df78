// Where every profile of a run went.

import type { Run } from "../../api/shapes";
import { formatCount } from "../../parts/format";
import css from "../../parts/page.module.css";
import { Section } from "../../parts/Section";
import { runs as room } from "../../strings/en/runs";
import { missingFrom, partsOf } from "./balance";
import own from "./run.module.css";

const words = room.balance;

export function Balance({ run }: { run: Run }) {
  const balance = run.metrics.recordSummary.balance;
  if (!balance || balance.profilesRead === 0) return null;
  const parts = partsOf(balance);
  const missing = missingFrom(balance);
  // Those outside the segment are many and say little: the bar is of those within.
  const inside = parts.filter((part) => part.role !== "outside" && part.value > 0);
  return (
    <Section title={words.title}>
      <p className={css.quiet}>{words.text}</p>
      {inside.length > 0 && (
        <div className={own.stack} aria-hidden="true">
          {inside.map((part, index) => (
            <i key={part.id} data-role={part.role} data-shade={index % 3} style={{ flexGrow: part.value }} />
          ))}
        </div>
      )}
      <dl className={own.balance}>
        {parts.map((part) => (
          <div key={part.id} data-role={part.role}>
            <dt>{part.role === "written" && run.counts ? words.accepted : part.label}</dt>
            <dd>{formatCount(part.value)}</dd>
          </div>
        ))}
        {missing !== 0 && (
          <div data-role="failed">
            <dt>{words.missing}</dt>
            <dd>{formatCount(missing)}</dd>
          </div>
        )}
        <div data-role="sum">
          <dt>{words.read}</dt>
          <dd>{formatCount(balance.profilesRead)}</dd>
        </div>
      </dl>
    </Section>
  );
}
