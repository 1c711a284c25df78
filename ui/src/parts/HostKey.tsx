// Asks whether a server's key, which nobody approved yet, is the right one.

import { Button, ButtonGroup, Content, Dialog, DialogContainer, Heading, InlineAlert } from "@react-spectrum/s2";
import type { ReactNode } from "react";
import type { HostKey } from "../api/probe";
import { hostKey as words } from "../strings/en/hostKey";
import { CopyBlock } from "./CopyBlock";
import { Facts } from "./Rail";
import css from "./wizard.module.css";

type Props = { hostKey: HostKey; onApprove: () => void };

export function HostKeyDialog({ hostKey, onApprove, onClose }: Props & { onClose: () => void }) {
  return (
    <DialogContainer onDismiss={onClose}>
      <Dialog size="M">
        <Heading slot="title">{titleOf(hostKey)}</Heading>
        <Content>
          <Question hostKey={hostKey} />
        </Content>
        <ButtonGroup>
          <Button variant="secondary" onPress={onClose}>
            {words.refuse}
          </Button>
          <Button variant="accent" onPress={onApprove}>
            {words.approve}
          </Button>
        </ButtonGroup>
      </Dialog>
    </DialogContainer>
  );
}

/** The same question inside of a dialog. */
export function HostKeyNotice({ hostKey, onApprove }: Props) {
  return (
    <InlineAlert variant="notice">
      <Heading>{titleOf(hostKey)}</Heading>
      <Content>
        <div className={css.dialog}>
          <Question hostKey={hostKey} />
          <div>
            <Button variant="secondary" size="S" onPress={onApprove}>
              {words.approve}
            </Button>
          </div>
        </div>
      </Content>
    </InlineAlert>
  );
}

const hasChanged = ({ approved = [] }: HostKey) => approved.length > 0;
const titleOf = (hostKey: HostKey) => (hasChanged(hostKey) ? words.changedTitle : words.title);

function Question({ hostKey }: { hostKey: HostKey }) {
  return (
    <div className={css.dialog}>
      <p>{hasChanged(hostKey) ? words.changedText : words.text}</p>
      <Facts
        facts={[
          [words.fingerprint, <code key="f">{hostKey.fingerprint}</code>],
          ...(hostKey.approved ?? []).map((one): [string, ReactNode] => [words.approved, <code key={one}>{one}</code>]),
          [words.key, <CopyBlock key="k" text={hostKey.line} label={words.key} />],
        ]}
      />
    </div>
  );
}
