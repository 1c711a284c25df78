// What the entries of a destination's menu ask before they do something.

import { deleteFlow, switchFlow } from "../../api/flows";
import type { Flow } from "../../api/shapes";
import { ConfirmDialog } from "../../parts/ConfirmDialog";
import { showDone } from "../../parts/toast";
import { destinations as room } from "../../strings/en/destinations";
import { runLabel } from "./FlowMenu";
import { RenameDialog } from "./RenameDialog";
import type { Asked } from "./useFlowActions";
import { useRunNow } from "./useRunNow";

const words = room.actions;

type Props = { asked: Asked | undefined; onDone: (action: Asked["action"]) => unknown; onClose: () => void };

export function FlowDialog({ asked, onDone, onClose }: Props) {
  const runNow = useRunNow();
  if (!asked) return null;
  const { action, flow } = asked;
  if (action === "rename") return <RenameDialog flow={flow} onDone={() => onDone(action)} onClose={onClose} />;
  const { title, text, label, work } = questions[action](flow, runNow);
  const confirm = async () => {
    await work();
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

type Question = { title: string; text: string; label: string; work: () => Promise<unknown> };
type Ask = (flow: Flow, runNow: (flow: Flow) => Promise<void>) => Question;

const questions: Record<"run" | "disable" | "delete", Ask> = {
  run: (flow, runNow) => ({
    title: words.runTitle,
    text: words.runText(flow.name),
    label: runLabel(flow),
    work: () => runNow(flow),
  }),
  disable: (flow) => ({
    title: words.disableTitle,
    text: words.disableText(flow.name),
    label: words.confirm,
    work: async () => {
      await switchFlow(flow, "disable");
      showDone(words.disabled(flow.name));
    },
  }),
  delete: (flow) => ({
    title: words.deleteTitle(flow.name),
    text: words.deleteText,
    label: words.delete,
    work: async () => {
      await deleteFlow(flow);
      showDone(words.deleted(flow.name));
    },
  }),
};
