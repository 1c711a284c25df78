import { Button, Content, Heading, InlineAlert } from "@react-spectrum/s2";
import { wizard as words } from "../strings/en/wizard";
import css from "./wizard.module.css";

/** Says that a draft was found, and offers to begin anew. */
export function DraftNotice({ children, onAnew }: { children?: string; onAnew: () => void }) {
  return (
    <InlineAlert variant="informative">
      <Heading>{words.draft}</Heading>
      <Content>
        <div className={css.bar}>
          <span>{children ?? words.draftText}</span>
          <Button variant="secondary" size="S" onPress={onAnew}>
            {words.anew}
          </Button>
        </div>
      </Content>
    </InlineAlert>
  );
}
