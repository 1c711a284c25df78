// Switches something of a table on and off, and says how it is.

import { Switch } from "@react-spectrum/s2";
import css from "./page.module.css";
import { State } from "./values";
import { Writing } from "./WriteOnly";

type Props = { label: string; isOn: boolean; state: string; onChange: (isOn: boolean) => void };

export function StatusSwitch({ label, isOn, state, onChange }: Props) {
  return (
    <span className={css.line}>
      <Writing>
        {(isBarred) => (
          <Switch size="S" aria-label={label} isSelected={isOn} isDisabled={isBarred} onChange={onChange} />
        )}
      </Writing>
      <State variant={isOn ? "positive" : "neutral"}>{state}</State>
    </span>
  );
}
