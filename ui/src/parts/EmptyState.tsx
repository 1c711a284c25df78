import type { ReactNode } from "react";
import css from "./parts.module.css";

/** What stands where there is nothing yet: what it would be, and how one gets there. */
export function EmptyState({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className={css.empty}>
      <h2>{title}</h2>
      {children && <p>{children}</p>}
      {action}
    </div>
  );
}
