import { t } from "../strings/en";
import css from "./page.module.css";

export type ShownLabel = { name: string; from?: string };

/** Data usage labels. Those of something around it are dashed, and say from where they come. */
export function LabelChips({ labels }: { labels: ShownLabel[] }) {
  return (
    <span className={css.chips}>
      {labels.map(({ name, from }) => (
        <span
          key={`${name} ${from ?? ""}`}
          className={css.labelChip}
          data-inherited={from !== undefined || undefined}
          title={from === undefined ? undefined : t.labelFrom(from)}
        >
          {name}
        </span>
      ))}
    </span>
  );
}
