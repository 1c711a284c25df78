// What can be done with a destination. The page that shows the menu also shows what its entries open (`FlowDialog`).

import { ActionMenu, MenuItem, Text } from "@react-spectrum/s2";
import type { Flow } from "../../api/shapes";
import { useMayWrite } from "../../parts/WriteOnly";
import { destinations as room } from "../../strings/en/destinations";

const words = room.actions;

export type FlowAction = "open" | "run" | "rename" | "enable" | "disable" | "delete";

/** What an export at once is: of files what is due next, to a stream a message about everybody. */
export function runLabel(flow: Flow): string {
  return flow.streamStatus ? words.runStream : words.run;
}

/** Why nothing can be exported at once, if so. */
export function offReason(flow: Flow): string | undefined {
  return flow.state === "enabled" ? undefined : words.off;
}

function labelOf(action: FlowAction, flow: Flow): string {
  return action === "run" ? runLabel(flow) : words[action];
}

type Props = { flow: Flow; size?: "XS" | "S" | "M"; without?: FlowAction[]; onAction: (action: FlowAction) => void };

export function FlowMenu({ flow, size = "S", without = [], onAction }: Props) {
  const toggle = flow.state === "enabled" ? "disable" : "enable";
  const all: FlowAction[] = useMayWrite() ? ["open", "run", "rename", toggle, "delete"] : ["open"];
  const shown = all.filter((action) => !without.includes(action));
  if (shown.length === 0) return null;
  return (
    <ActionMenu
      isQuiet
      size={size}
      aria-label={words.of(flow.name)}
      disabledKeys={offReason(flow) ? ["run"] : []}
      onAction={(key) => onAction(key as FlowAction)}
    >
      {shown.map((action) => (
        <MenuItem key={action} id={action} textValue={labelOf(action, flow)}>
          <Text slot="label">{labelOf(action, flow)}</Text>
          {action === "run" && offReason(flow) && <Text slot="description">{offReason(flow)}</Text>}
        </MenuItem>
      ))}
    </ActionMenu>
  );
}
