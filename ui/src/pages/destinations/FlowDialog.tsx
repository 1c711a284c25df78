// What the entries of a destination's menu ask before they do something.

import { deleteFlow, runFlow, switchFlow } from "../../api/flows";
import type { Flow } from "../../api/shapes";
import { ConfirmDialog } from "../../parts/ConfirmDialog";
import { showDone } from "../../parts/toast";
import { destinations as room } from "../../strings/en/destinations";
import { RenameDialog } from "./RenameDialog";
import type { Asked } from "./useFlowActions";

const words = room.actions;

type Props = { asked: Asked | undefined; onDone: (action: Asked["action"]) => unknown; onClose: () => void };

export function FlowDialog({ asked, onDone, onClose }: Props) {
  if (!asked) return null;
  const { action, flow } = asked;
  if (action === "rename") return <RenameDialog flow={flow} onDone={() => onDone(action)} onClose={onClose} />;
  const { title, text, label, done, work } = questions[action](flow);
  const confirm = async () => {
    await work();
    showDone(done);
    await onDone(action);
  };
  return (
    <ConfirmDialog
      title={title}
      confirmLabel={label}
      isDestructive={action === "delete"}
      onConfirm={confirm}
      onClose={onClose}
    >
      {text}
    </ConfirmDialog>
  );
}

type Question = { title: string; text: string; label: string; done: string; work: () => Promise<unknown> };

const questions: Record<"run" | "disable" | "delete", (flow: Flow) => Question> = {
  run: (flow) => ({
    title: words.runTitle,
    text: words.runText(flow.name),
    label: words.run,
    done: words.started(1, flow.name),
    work: () => runFlow(flow.id),
  }),
  disable: (flow) => ({
    title: words.disableTitle,
    text: words.disableText(flow.name),
    label: words.confirm,
    done: words.disabled(flow.name),
    work: () => switchFlow(flow, "disable"),
  }),
  delete: (flow) => ({
    title: words.deleteTitle(flow.name),
    text: words.deleteText,
    label: words.delete,
    done: words.deleted(flow.name),
    work: () => deleteFlow(flow),
  }),
};
