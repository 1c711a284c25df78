import type { Schedule } from "../../api/shapes";
import { t } from "../../strings/en";
import { AFTER_EVALUATION } from "./schedule";

const words = t.destinations.details;

/** `Daily at 06:00 UTC, from 2026-01-05`. */
export function scheduleText({ frequency, triggerType, startTime, startDate, endDate }: Schedule): string {
  const name = words.frequencies[frequency] ?? frequency;
  const when = triggerType === AFTER_EVALUATION ? words.afterEvaluation(name) : words.at(name, startTime ?? "");
  const dates = [startDate, frequency === "ONCE" ? undefined : endDate].filter(Boolean).join(" – ");
  return dates === "" ? when : `${when}, ${dates}`;
}
