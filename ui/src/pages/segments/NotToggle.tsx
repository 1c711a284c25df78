import { ToggleButton } from "@react-spectrum/s2";
import { segments as words } from "../../strings/en/segments";
import type { Node } from "./pql/tree";

/** Whether a condition or a group counts where it is false. */
export function NotToggle({ node, onChange }: { node: Node; onChange: (not: boolean) => void }) {
  return (
    <ToggleButton size="S" isEmphasized isSelected={node.not} onChange={onChange}>
      {words.rule.not}
    </ToggleButton>
  );
}
