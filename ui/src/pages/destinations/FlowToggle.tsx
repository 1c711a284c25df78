import { Switch } from "@react-spectrum/s2";
import type { Flow } from "../../api/shapes";
import { Writing } from "../../parts/WriteOnly";
import { destinations as words } from "../../strings/en/destinations";
import own from "./destinations.module.css";
import type { FlowAction } from "./FlowMenu";
import { FlowLight } from "./states";

/** Starts or pauses all exports of a destination, and says how it is. */
export function FlowToggle({ flow, onAction }: { flow: Flow; onAction: (action: FlowAction) => void }) {
  return (
    <span className={own.status}>
      <Writing>
        {(isBarred) => (
          <Switch
            size="S"
            aria-label={words.actions.toggle(flow.name)}
            isDisabled={isBarred}
            isSelected={flow.state === "enabled"}
            onChange={(isOn) => onAction(isOn ? "enable" : "disable")}
          />
        )}
      </Writing>
      <FlowLight flow={flow} isShort />
    </span>
  );
}
