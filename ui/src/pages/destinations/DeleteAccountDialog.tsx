import { Button, ButtonGroup, Content, Dialog, DialogContainer, Heading } from "@react-spectrum/s2";
import { deleteAccount } from "../../api/accounts";
import type { Account } from "../../api/shapes";
import { ConfirmDialog } from "../../parts/ConfirmDialog";
import css from "../../parts/page.module.css";
import { showDone } from "../../parts/toast";
import { t } from "../../strings/en";
import { destinations as room } from "../../strings/en/destinations";
import { FlowLinks } from "./FlowLinks";
import type { Destination } from "./workspace";

const words = room.accounts;

type Props = { account: Account; users: Destination[]; onDone: () => unknown; onClose: () => void };

/** Asks before an account is removed; one that destinations use cannot be, and it says which. */
export function DeleteAccountDialog({ account, users, onDone, onClose }: Props) {
  if (users.length > 0) return <InUse account={account} users={users} onClose={onClose} />;
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

function InUse({ account, users, onClose }: Pick<Props, "account" | "users" | "onClose">) {
  return (
    <DialogContainer onDismiss={onClose}>
      <Dialog size="S">
        <Heading slot="title">{words.inUseTitle(account.name)}</Heading>
        <Content>
          <div className={css.form}>
            <p className={css.text}>{words.inUse(users.length)}</p>
            <FlowLinks destinations={users} />
          </div>
        </Content>
        <ButtonGroup>
          <Button variant="secondary" onPress={onClose}>
            {t.close}
          </Button>
        </ButtonGroup>
      </Dialog>
    </DialogContainer>
  );
}
