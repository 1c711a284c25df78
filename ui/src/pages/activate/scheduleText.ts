import type { Schedule } from "../../api/shapes";
import { activate as activateWords } from "../../strings/en/activate";
import { destinations as room } from "../../strings/en/destinations";
import { AFTER_EVALUATION } from "./schedule";

const words = room.details;
const dates = activateWords.schedule.dates;

/** `Daily at 06:00 UTC, from 2026-01-05`. */
export function scheduleText({ frequency, triggerType, startTime, startDate, endDate }: Schedule): string {
  const name = words.frequencies[frequency] ?? frequency;
  const when = triggerType === AFTER_EVALUATION ? words.afterEvaluation(name) : words.at(name, startTime ?? "");
  if (!startDate) return when;
  if (frequency === "ONCE") return dates.once(when, startDate);
  return endDate ? dates.until(when, startDate, endDate) : dates.from(when, startDate);
}
