// The panel at the right that tells of what is selected.

import { CloseButton } from "@react-spectrum/s2";
import type { ReactNode } from "react";
import { t } from "../strings/en";
import css from "./parts.module.css";

export function Rail({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }) {
  return (
    <aside className={css.rail} aria-label={title}>
      <div className={css.railHead}>
        <h2>{title}</h2>
        <CloseButton size="S" aria-label={t.close} onPress={onClose} />
      </div>
      {children}
    </aside>
  );
}

/** Pairs of what and its value, below each other or in a row. */
export function Facts({ facts, isRow = false }: { facts: [string, ReactNode][]; isRow?: boolean }) {
  return (
    <dl className={css.facts} data-row={isRow || undefined}>
      {facts.map(([term, value]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
