import type { ReactNode } from "react";
import { t } from "../strings/en";
import css from "./parts.module.css";

type Props = {
  title: string;
  /** Above the title: where the page is. */
  trail?: ReactNode;
  /** At the end of the line. */
  children?: ReactNode;
};

export function PageHead({ title, trail, children }: Props) {
  return (
    <header className={css.head}>
      <title>{t.titleOf(title)}</title>
      <div className={css.headText}>
        {trail && <div className={css.trail}>{trail}</div>}
        <h1>{title}</h1>
      </div>
      {children && <div className={css.headTools}>{children}</div>}
    </header>
  );
}
