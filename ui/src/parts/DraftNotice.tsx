import { Button, Content, Heading, InlineAlert } from "@react-spectrum/s2";
import { t } from "../strings/en";
import css from "./wizard.module.css";

/** Says that a draft was found, and offers to begin anew. */
export function DraftNotice({ children, onAnew }: { children?: string; onAnew: () => void }) {
  return (
    <InlineAlert variant="informative">
      <Heading>{t.wizard.draft}</Heading>
      <Content>
        <div className={css.bar}>
          <span>{children ?? t.wizard.draftText}</span>
          <Button variant="secondary" size="S" onPress={onAnew}>
            {t.wizard.anew}
          </Button>
        </div>
      </Content>
    </InlineAlert>
  );
}
