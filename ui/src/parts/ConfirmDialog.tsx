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
  /** For what "Cancel" would be taken for the thing itself. */
  closeLabel?: string;
  isDestructive?: boolean;
  size?: "S" | "M" | "L" | "XL";
  /** Stays open when it is done: what comes of it shows in it. */
  isStaying?: boolean;
  onConfirm: () => Promise<unknown>;
  onClose: () => void;
};

export function ConfirmDialog(props: Props) {
  const { title, children, confirmLabel, isDestructive = false, size = "S", isStaying = false } = props;
  const { closeLabel = isStaying ? t.close : t.cancel, onConfirm, onClose } = props;
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const confirm = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await onConfirm();
      if (isStaying) setBusy(false);
      else onClose();
    } catch (caught) {
      setError(caught);
      setBusy(false);
    }
  };
  return (
    <DialogContainer onDismiss={onClose}>
      <Dialog size={size}>
        <Heading slot="title">{title}</Heading>
        <Content>
          <div className={css.dialogBody}>
            <div>{children}</div>
            {error !== undefined && <ErrorState error={error} wanted={confirmLabel} />}
          </div>
        </Content>
        <ButtonGroup>
          <Button variant="secondary" onPress={onClose}>
            {closeLabel}
          </Button>
          <Button variant={isDestructive ? "negative" : "accent"} isPending={isBusy} onPress={() => void confirm()}>
            {confirmLabel}
          </Button>
        </ButtonGroup>
      </Dialog>
    </DialogContainer>
  );
}
