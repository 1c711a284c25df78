import { ProgressBar } from "@react-spectrum/s2";
import type { Dataset, Refresh } from "../../api/dataShapes";
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

/** How far a refresh is: the server tells records that were read, not how many there will be. */
export function RefreshProgress({ refresh }: { refresh: Refresh }) {
  return <ProgressBar isIndeterminate size="S" label={words.refreshing(refresh.records)} />;
}
