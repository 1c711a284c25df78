// Asks before a draft is left behind: on the way to another page of the console here, and for other ways by the browser.

import { AlertDialog, DialogContainer } from "@react-spectrum/s2";
import { useBlocker } from "@tanstack/react-router";
import { t } from "../strings/en";

type Props = { isDirty: () => boolean; onDiscard: () => void };

export function LeaveGuard({ isDirty, onDiscard }: Props) {
  const blocker = useBlocker({
    // Steps of the wizard are one page.
    shouldBlockFn: ({ current, next }) => isDirty() && current.pathname !== next.pathname,
    enableBeforeUnload: isDirty,
    withResolver: true,
  });
  const discard = () => {
    onDiscard();
    blocker.proceed?.();
  };
  return (
    <DialogContainer onDismiss={() => blocker.reset?.()}>
      {blocker.status === "blocked" && (
        <AlertDialog
          variant="confirmation"
          title={t.wizard.leaveTitle}
          cancelLabel={t.wizard.stay}
          secondaryActionLabel={t.wizard.discard}
          primaryActionLabel={t.wizard.keep}
          onCancel={() => blocker.reset?.()}
          onSecondaryAction={discard}
          onPrimaryAction={() => blocker.proceed?.()}
        >
          {t.wizard.leaveText}
        </AlertDialog>
      )}
    </DialogContainer>
  );
}
