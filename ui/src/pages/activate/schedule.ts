// When a segment is exported: what goes with what, and the next times. All of it is UTC; the end date is exclusive.

import type { Schedule } from "../../api/shapes";

export type ExportMode = "DAILY_FULL_EXPORT" | "FIRST_FULL_THEN_INCREMENTAL";
export type SegmentExport = { exportMode: ExportMode; schedule: Schedule };

export const FULL: ExportMode = "DAILY_FULL_EXPORT";
export const INCREMENTAL: ExportMode = "FIRST_FULL_THEN_INCREMENTAL";
export const AFTER_EVALUATION = "AFTER_SEGMENT_EVAL";
export const SCHEDULED = "SCHEDULED";

const HOUR_MILLIS = 3_600_000;
const DAY_MILLIS = 24 * HOUR_MILLIS;
const PERIODS: Record<string, number> = {
  DAILY: DAY_MILLIS,
  WEEKLY: 7 * DAY_MILLIS,
  EVERY_3_HOURS: 3 * HOUR_MILLIS,
  EVERY_6_HOURS: 6 * HOUR_MILLIS,
  EVERY_8_HOURS: 8 * HOUR_MILLIS,
  EVERY_12_HOURS: 12 * HOUR_MILLIS,
};

export function frequenciesOf(mode: ExportMode): string[] {
  return mode === FULL
    ? ["ONCE", "DAILY", "WEEKLY", "MONTHLY"]
    : ["DAILY", "EVERY_3_HOURS", "EVERY_6_HOURS", "EVERY_8_HOURS", "EVERY_12_HOURS"];
}

/** Whether exports of this kind may wait for an evaluation instead of the clock. */
export function mayFollowEvaluation({ exportMode, schedule }: SegmentExport): boolean {
  return exportMode === FULL && ["ONCE", "DAILY"].includes(schedule.frequency);
}

/** Full files daily from tomorrow on, at an hour when people do not look at it. */
export function defaultExport(now: Date): SegmentExport {
  const startDate = dayOf(now.getTime() + DAY_MILLIS);
  return {
    exportMode: FULL,
    schedule: { frequency: "DAILY", triggerType: SCHEDULED, startDate, startTime: "06:00" },
  };
}

/** The same with members that do not go together brought in line: what is sent. */
export function settled({ exportMode, schedule }: SegmentExport): SegmentExport {
  const frequencies = frequenciesOf(exportMode);
  const frequency = frequencies.includes(schedule.frequency) ? schedule.frequency : "DAILY";
  const followsEvaluation =
    schedule.triggerType === AFTER_EVALUATION &&
    mayFollowEvaluation({ exportMode, schedule: { ...schedule, frequency } });
  const { startDate, endDate, startTime } = schedule;
  return {
    exportMode,
    schedule: {
      frequency,
      triggerType: followsEvaluation ? AFTER_EVALUATION : SCHEDULED,
      startDate,
      ...(endDate && frequency !== "ONCE" && { endDate }),
      ...(!followsEvaluation && { startTime: startTime || "00:00" }),
    },
  };
}

export type ScheduleProblem = "noStart" | "endBeforeStart" | "over" | "badTime";

export function scheduleProblems({ exportMode, schedule }: SegmentExport, now: Date): ScheduleProblem[] {
  const problems: ScheduleProblem[] = [];
  const { startDate, endDate, startTime, frequency, triggerType } = schedule;
  if (!startDate) problems.push("noStart");
  if (startDate && endDate && frequency !== "ONCE" && endDate <= startDate) problems.push("endBeforeStart");
  if (triggerType !== AFTER_EVALUATION && !/^([01]\d|2[0-3]):[0-5]\d$/.test(startTime ?? "")) problems.push("badTime");
  const isOver =
    triggerType === AFTER_EVALUATION
      ? endDate !== undefined && endDate <= dayOf(now.getTime())
      : nextRuns({ exportMode, schedule }, now, 1).length === 0;
  if (problems.length === 0 && isOver) problems.push("over");
  return problems;
}

/** The next times at which files are due; none where evaluations start the exports. */
export function nextRuns({ schedule }: SegmentExport, after: Date, count: number): Date[] {
  if (schedule.triggerType === AFTER_EVALUATION || !schedule.startDate || !schedule.startTime) return [];
  const first = Date.parse(`${schedule.startDate}T${schedule.startTime}:00Z`);
  if (Number.isNaN(first)) return [];
  const hasEnd = schedule.endDate && schedule.frequency !== "ONCE";
  const end = hasEnd ? Date.parse(`${schedule.endDate}T00:00:00Z`) : Number.POSITIVE_INFINITY;
  const runs: Date[] = [];
  for (let number = firstAfter(schedule.frequency, first, after.getTime()); runs.length < count; number += 1) {
    const slot = slotAt(schedule.frequency, first, number);
    if (slot === undefined || slot >= end) break;
    runs.push(new Date(slot));
  }
  return runs;
}

/** The number of the first slot after an instant. */
function firstAfter(frequency: string, first: number, after: number): number {
  if (after < first) return 0;
  const period = PERIODS[frequency];
  if (period !== undefined) return Math.floor((after - first) / period) + 1;
  if (frequency === "ONCE") return 1;
  const [start, now] = [new Date(first), new Date(after)];
  const months = (now.getUTCFullYear() - start.getUTCFullYear()) * 12 + now.getUTCMonth() - start.getUTCMonth();
  return (slotAt(frequency, first, months) ?? 0) <= after ? months + 1 : months;
}

function slotAt(frequency: string, first: number, number: number): number | undefined {
  const period = PERIODS[frequency];
  if (period !== undefined) return first + number * period;
  if (frequency === "ONCE") return number === 0 ? first : undefined;
  // From the start each time, so that a short month does not shorten those after it.
  const start = new Date(first);
  const [year, month] = [start.getUTCFullYear(), start.getUTCMonth() + number];
  const days = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const timeOfDay = first - Date.UTC(year, start.getUTCMonth(), start.getUTCDate());
  return Date.UTC(year, month, Math.min(start.getUTCDate(), days)) + timeOfDay;
}

/** `YYYY-MM-DD` of an instant. */
export function dayOf(millis: number): string {
  return new Date(millis).toISOString().slice(0, 10);
}

export function dayBefore(day: string): string {
  return dayOf(Date.parse(`${day}T00:00:00Z`) - DAY_MILLIS);
}
