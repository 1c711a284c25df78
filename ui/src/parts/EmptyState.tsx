import type { ReactNode } from "react";
import css from "./parts.module.css";

type Props = {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  /** It is all that the page says. */
  isPage?: boolean;
};

/** What stands where there is nothing yet: what it would be, and how one gets there. */
export function EmptyState({ title, children, action, isPage = false }: Props) {
  return (
    <div className={css.empty}>
      {isPage ? <h1>{title}</h1> : <h2>{title}</h2>}
      {children && <p>{children}</p>}
      {action}
    </div>
  );
}
