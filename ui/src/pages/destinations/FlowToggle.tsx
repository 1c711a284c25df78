import { Switch } from "@react-spectrum/s2";
import type { Flow } from "../../api/shapes";
import { useMayWrite } from "../../parts/WriteOnly";
import { destinations as words } from "../../strings/en/destinations";
import css from "./destinations.module.css";
import type { FlowAction } from "./FlowMenu";
import { FlowLight } from "./states";

/** Starts or pauses all exports of a destination, and says how it is. */
export function FlowToggle({ flow, onAction }: { flow: Flow; onAction: (action: FlowAction) => void }) {
  const mayWrite = useMayWrite();
  return (
    <span className={css.status}>
      <Switch
        size="S"
        aria-label={words.actions.toggle(flow.name)}
        isDisabled={!mayWrite}
        isSelected={flow.state === "enabled"}
        onChange={(isOn) => onAction(isOn ? "enable" : "disable")}
      />
      <FlowLight flow={flow} />
    </span>
  );
}
