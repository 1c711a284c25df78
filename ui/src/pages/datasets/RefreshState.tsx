import { ProgressBar } from "@react-spectrum/s2";
import type { Dataset, Refresh } from "../../api/dataShapes";
import { formatBytes } from "../../parts/format";
import { State } from "../../parts/values";
import { datasets as words } from "../../strings/en/datasets";

const VARIANTS = {
  queued: "neutral",
  processing: "informative",
  success: "positive",
  failed: "negative",
  cancelled: "neutral",
} as const;

export function isBusy({ refresh }: Pick<Dataset, "refresh">): boolean {
  return refresh?.state === "queued" || refresh?.state === "processing";
}

export function RefreshState({ refresh }: { refresh: Refresh | null | undefined }) {
  const state = refresh?.state;
  return <State variant={state ? VARIANTS[state] : "neutral"}>{words.states[state ?? "none"] ?? state ?? ""}</State>;
}

/** How far a refresh is: in the step that it is at, since one counts files and another records. */
export function RefreshProgress({ refresh: { progress, records } }: { refresh: Refresh }) {
  if (!progress) return <ProgressBar isIndeterminate size="S" label={words.refreshing(records ?? undefined)} />;
  const { step, done, total, bytesTotal } = progress;
  const label = [words.refreshSteps[step] ?? step, bytesTotal ? formatBytes(bytesTotal) : ""]
    .filter(Boolean)
    .join(", ");
  if (total === 0) return <ProgressBar isIndeterminate size="S" label={label} />;
  return <ProgressBar size="S" label={label} value={done} maxValue={total} />;
}
