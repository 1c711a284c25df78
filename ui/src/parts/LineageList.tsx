import type { Violation } from "../api/dataShapes";

import { violations as words } from "../strings/en/violations";
import css from "./wizard.module.css";

/** The same ways as a table. */
export function LineageList({ violation }: { violation: Violation }) {
  const ways = violation.lineage.map(({ origin, use }) => [
    origin.schemaPath ? origin.dataset.name : `${origin.dataset.name} (${origin.label})`,
    origin.schemaPath ? `${origin.field} (${origin.label})` : origin.field,
    words.uses[use.kind] ?? use.kind,
    violation.segment.name,
    violation.flow.name,
  ]);
  return (
    <div className={css.scroll}>
      <table className={css.table} aria-label={words.lineage}>
        <thead>
          <tr>
            {words.columns.map((name) => (
              <th key={name}>{name}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {ways.map((way) => (
            <tr key={way.join(" ")}>
              {way.map((cell, at) => (
                <td key={words.columns[at]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
