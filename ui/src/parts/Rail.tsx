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

type FactsProps = {
  facts: [string, ReactNode][];
  /** In a row, which breaks where it must. */
  isRow?: boolean;
  /** In as many columns as the page has room for. */
  isWide?: boolean;
};

/** Pairs of what and its value, below each other if nothing else is said. */
export function Facts({ facts, isRow = false, isWide = false }: FactsProps) {
  return (
    <dl className={css.facts} data-row={isRow || undefined} data-wide={isWide || undefined}>
      {facts.map(([term, value]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
