// Asks before something that cannot be taken back, does it, and stays open with the reason where it is refused.

import { Button, ButtonGroup, Content, Dialog, DialogContainer, Heading } from "@react-spectrum/s2";
import { type ReactNode, useState } from "react";
import { t } from "../strings/en";
import { ErrorState } from "./ErrorState";
import css from "./parts.module.css";

type Props = {
  title: string;
  children: ReactNode;
  confirmLabel: string;
  isDestructive?: boolean;
  onConfirm: () => Promise<unknown>;
  onClose: () => void;
};

export function ConfirmDialog({ title, children, confirmLabel, isDestructive = false, onConfirm, onClose }: Props) {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const confirm = async () => {
    setBusy(true);
    try {
      await onConfirm();
      onClose();
    } catch (caught) {
      setError(caught);
      setBusy(false);
    }
  };
  return (
    <DialogContainer onDismiss={onClose}>
      <Dialog size="S">
        <Heading slot="title">{title}</Heading>
        <Content>
          <div className={css.dialogBody}>
            <div>{children}</div>
            {error !== undefined && <ErrorState error={error} wanted={confirmLabel} />}
          </div>
        </Content>
        <ButtonGroup>
          <Button variant="secondary" onPress={onClose}>
            {t.cancel}
          </Button>
          <Button variant={isDestructive ? "negative" : "accent"} isPending={isBusy} onPress={() => void confirm()}>
            {confirmLabel}
          </Button>
        </ButtonGroup>
      </Dialog>
    </DialogContainer>
  );
}
