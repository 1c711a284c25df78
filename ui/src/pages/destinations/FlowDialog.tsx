// What the entries of a destination's menu ask before they do something.

import { deleteFlow, switchFlow } from "../../api/flows";
import { ConfirmDialog } from "../../parts/ConfirmDialog";
import { showDone } from "../../parts/toast";
import { t } from "../../strings/en";
import { RenameDialog } from "./RenameDialog";
import type { Asked } from "./useFlowActions";

const words = t.destinations.actions;

type Props = { asked: Asked | undefined; onDone: (action: Asked["action"]) => unknown; onClose: () => void };

export function FlowDialog({ asked, onDone, onClose }: Props) {
  if (!asked) return null;
  const { action, flow } = asked;
  if (action === "rename") return <RenameDialog flow={flow} onDone={() => onDone(action)} onClose={onClose} />;
  const isDelete = action === "delete";
  const confirm = async () => {
    await (isDelete ? deleteFlow(flow) : switchFlow(flow, "disable"));
    showDone(isDelete ? words.deleted(flow.name) : words.disabled(flow.name));
    await onDone(action);
  };
  return (
    <ConfirmDialog
      title={isDelete ? words.deleteTitle(flow.name) : words.disableTitle}
      confirmLabel={isDelete ? words.delete : words.confirm}
      isDestructive={isDelete}
      onConfirm={confirm}
      onClose={onClose}
    >
      {isDelete ? words.deleteText : words.disableText(flow.name)}
    </ConfirmDialog>
  );
}
