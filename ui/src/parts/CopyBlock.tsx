import { ActionButton } from "@react-spectrum/s2";
import Copy from "@react-spectrum/s2/icons/Copy";
import { t } from "../strings/en";
import css from "./parts.module.css";
import { showDone, showProblem } from "./toast";

/** Text to take along: an id, an address, a key, a command. In one line it is cut where there is no room. */
export function CopyBlock({ text, label, isBlock = false }: { text: string; label: string; isBlock?: boolean }) {
  const copy = () => {
    navigator.clipboard.writeText(text).then(
      () => showDone(t.copied(label)),
      (error: unknown) => showProblem(error, t.copy(label)),
    );
  };
  return (
    <span className={isBlock ? css.copyBlock : css.copyLine}>
      <code title={isBlock ? undefined : text}>{text}</code>
      <ActionButton isQuiet size="XS" aria-label={t.copy(label)} onPress={copy}>
        <Copy />
      </ActionButton>
    </span>
  );
}
