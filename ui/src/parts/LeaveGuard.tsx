// Asks before a draft is left behind: on the way to another page of the console here, and for other ways by the browser.

import { Button, ButtonGroup, Content, Dialog, DialogContainer, Heading } from "@react-spectrum/s2";
import { useBlocker } from "@tanstack/react-router";
import { wizard as words } from "../strings/en/wizard";

type Props = { isDirty: () => boolean; onDiscard: () => void };

export function LeaveGuard({ isDirty, onDiscard }: Props) {
  const blocker = useBlocker({
    // Steps of the wizard are one page.
    shouldBlockFn: ({ current, next }) => isDirty() && current.pathname !== next.pathname,
    enableBeforeUnload: isDirty,
    withResolver: true,
  });
  const stay = () => blocker.reset?.();
  const discard = () => {
    onDiscard();
    blocker.proceed?.();
  };
  return (
    <DialogContainer onDismiss={stay}>
      {blocker.status === "blocked" && (
        <Dialog size="M" role="alertdialog">
          <Heading slot="title">{words.leaveTitle}</Heading>
          <Content>{words.leaveText}</Content>
          <ButtonGroup>
            <Button variant="secondary" fillStyle="outline" onPress={stay}>
              {words.stay}
            </Button>
            <Button variant="secondary" onPress={discard}>
              {words.discard}
            </Button>
            <Button variant="accent" onPress={() => blocker.proceed?.()}>
              {words.keep}
            </Button>
          </ButtonGroup>
        </Dialog>
      )}
    </DialogContainer>
  );
}
