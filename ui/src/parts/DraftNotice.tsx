import { ActionButton, Button } from "@react-spectrum/s2";
import Close from "@react-spectrum/s2/icons/Close";
import { useState } from "react";
import { wizard as words } from "../strings/en/wizard";
import css from "./wizard.module.css";

/** Says in one line that a draft was found, and offers to begin anew. */
export function DraftNotice({ children = words.draft, onAnew }: { children?: string; onAnew: () => void }) {
  const [isClosed, setClosed] = useState(false);
  if (isClosed) return null;
  return (
    <div className={css.draft} role="note">
      <span>{children}</span>
      <Button variant="secondary" fillStyle="outline" size="S" onPress={onAnew}>
        {words.anew}
      </Button>
      <ActionButton isQuiet size="S" aria-label={words.closeDraft} onPress={() => setClosed(true)}>
        <Close />
      </ActionButton>
    </div>
  );
}
