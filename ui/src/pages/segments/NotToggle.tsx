import { ToggleButton } from "@react-spectrum/s2";
import { t } from "../../strings/en";
import type { Node } from "./pql/tree";

/** Whether a condition or a group counts where it is false. */
export function NotToggle({ node, onChange }: { node: Node; onChange: (not: boolean) => void }) {
  return (
    <ToggleButton size="S" isEmphasized isSelected={node.not} onChange={onChange}>
      {t.segments.rule.not}
    </ToggleButton>
  );
}
