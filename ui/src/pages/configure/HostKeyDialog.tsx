// Asks whether a server's key, which nobody approved yet, is the right one.

import { Button, ButtonGroup, Content, Dialog, DialogContainer, Heading } from "@react-spectrum/s2";
import { CopyBlock } from "../../parts/CopyBlock";
import { Facts } from "../../parts/Rail";
import css from "../../parts/wizard.module.css";
import { configure as room } from "../../strings/en/configure";
import type { UnknownKey } from "./fault";

const words = room.hostKey;

type Props = { hostKey: UnknownKey; onApprove: () => void; onClose: () => void };

export function HostKeyDialog({ hostKey, onApprove, onClose }: Props) {
  return (
    <DialogContainer onDismiss={onClose}>
      <Dialog size="M">
        <Heading slot="title">{words.title}</Heading>
        <Content>
          <div className={css.dialog}>
            <p>{words.text}</p>
            <Facts
              facts={[
                [words.fingerprint, <code key="f">{hostKey.fingerprint}</code>],
                [words.key, <CopyBlock key="k" text={hostKey.line} label={words.key} />],
              ]}
            />
          </div>
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
