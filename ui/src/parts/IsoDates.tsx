// Fields of dates and times, as dates are written everywhere in the console: 2026-11-28, and 24 hours.

import { Provider } from "@react-spectrum/s2";
import type { ReactNode } from "react";
import css from "./parts.module.css";

/** English as Sweden writes it: its dates are those of ISO 8601, weeks begin on Monday, and the words are English. */
const LOCALE = "en-SE";

export function IsoDates({ children }: { children: ReactNode }) {
  return (
    <Provider locale={LOCALE} UNSAFE_className={css.dates}>
      {children}
    </Provider>
  );
}
