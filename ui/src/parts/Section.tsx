import type { ReactNode } from "react";
import css from "./parts.module.css";

/** A part of a page under its own heading. */
export function Section({ title, tools, children }: { title: string; tools?: ReactNode; children: ReactNode }) {
  return (
    <section className={css.section} aria-label={title}>
      <div className={css.sectionHead}>
        <h2>{title}</h2>
        {tools}
      </div>
      {children}
    </section>
  );
}

/** One number, with what it is above and what it is of below. */
export function Tile({ label, value, children }: { label: string; value: string; children?: string }) {
  return (
    <div className={css.tile}>
      <span>{label}</span>
      <strong>{value}</strong>
      {children && <span>{children}</span>}
    </div>
  );
}
