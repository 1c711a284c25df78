import { useQueryClient } from "@tanstack/react-query";
import type { Definition } from "../../api/dataShapes";
import { deleteDefinition } from "../../api/definitions";
import { ConfirmDialog } from "../../parts/ConfirmDialog";
import { showDone } from "../../parts/toast";
import { segments as words } from "../../strings/en/segments";

type Props = { segment: Definition; onClose: () => void; onDone?: () => Promise<unknown> };

/** The server refuses it while a destination exports the segment, and says which. */
export function DeleteSegmentDialog({ segment, onClose, onDone }: Props) {
  const queries = useQueryClient();
  return (
    <ConfirmDialog
      title={words.delete}
      isDestructive
      confirmLabel={words.delete}
      onConfirm={async () => {
        await deleteDefinition(segment);
        await onDone?.();
        showDone(words.deleted(segment.name));
        await queries.invalidateQueries({ queryKey: ["segments"] });
      }}
      onClose={onClose}
    >
      {words.deleteText(segment.name)}
    </ConfirmDialog>
  );
}
