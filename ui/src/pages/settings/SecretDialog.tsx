import { Button, ButtonGroup, Content, Dialog, DialogContainer, Heading } from "@react-spectrum/s2";
import { CopyBlock } from "../../parts/CopyBlock";
import css from "../../parts/page.module.css";
import { settings as room } from "../../strings/en/settings";

const words = room.clients;

type Props = { id: string; secret: string; onClose: () => void };

/** A secret, this once. Only its own button closes it, so that it is not lost by a click beside it. */
export function SecretDialog({ id, secret, onClose }: Props) {
  return (
    <DialogContainer onDismiss={() => undefined}>
      <Dialog size="M" isKeyboardDismissDisabled>
        <Heading slot="title">{words.secretTitle(id)}</Heading>
        <Content>
          <div className={css.form}>
            <p className={css.text}>{words.secretText}</p>
            <CopyBlock isBlock text={secret} label={words.secret} />
          </div>
        </Content>
        <ButtonGroup>
          <Button variant="accent" onPress={onClose}>
            {words.done}
          </Button>
        </ButtonGroup>
      </Dialog>
    </DialogContainer>
  );
}
