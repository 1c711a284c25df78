import { deleteAccount } from "../../api/accounts";
import type { Account } from "../../api/shapes";
import { ConfirmDialog } from "../../parts/ConfirmDialog";
import { showDone } from "../../parts/toast";
import { destinations as room } from "../../strings/en/destinations";

const words = room.accounts;

/** Asks before an account is removed. While destinations use it the server refuses, and says which. */
export function DeleteAccountDialog(props: { account: Account; onDone: () => unknown; onClose: () => void }) {
  const { account, onDone, onClose } = props;
  return (
    <ConfirmDialog
      title={words.deleteTitle(account.name)}
      confirmLabel={words.delete}
      isDestructive
      onClose={onClose}
      onConfirm={async () => {
        await deleteAccount(account);
        showDone(room.actions.deleted(account.name));
        await onDone();
      }}
    >
      {words.deleteText}
    </ConfirmDialog>
  );
}
