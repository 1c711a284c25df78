import { useQuery } from "@tanstack/react-query";
import { labelsQuery } from "../api/governance";
import { t } from "../strings/en";
import css from "./page.module.css";

export type ShownLabel = { name: string; from?: string };

/**
 * Data usage labels; hovering tells what they mean, and `isNamed` says it beside them. Those of something around it are
 * dashed, and say from where they come.
 */
export function LabelChips({ labels, isNamed = false }: { labels: ShownLabel[]; isNamed?: boolean }) {
  const { data = [] } = useQuery(labelsQuery);
  return (
    <span className={css.chips}>
      {labels.map(({ name, from }) => {
        const friendly = data.find((label) => label.name === name)?.friendlyName;
        const about = friendly && friendly !== name ? friendly : undefined;
        const hint = [about, from && t.labelFrom(from)].filter(Boolean).join(", ");
        return (
          <span key={`${name} ${from ?? ""}`} className={css.chip}>
            <span
              className={css.labelChip}
              data-inherited={from !== undefined || undefined}
              title={hint === "" ? undefined : hint}
            >
              <span>{name}</span>
              {hint !== "" && !isNamed && <span className="visually-hidden">{`: ${hint}`}</span>}
            </span>
            {isNamed && about}
          </span>
        );
      })}
    </span>
  );
}
