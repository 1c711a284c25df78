import { expect, test } from "vitest";
import { defaultExport, FULL, INCREMENTAL, nextRuns, type SegmentExport, scheduleProblems, settled } from "./schedule";

const now = new Date("2026-01-10T12:00:00Z");
const runs = (schedule: SegmentExport["schedule"], after = now) =>
  nextRuns({ exportMode: FULL, schedule }, after, 5).map((run) => run.toISOString().slice(0, 16));

test("a day's slot that has passed is tomorrow's, and the end date is exclusive", () => {
  const daily = { frequency: "DAILY", startDate: "2026-01-04", endDate: "2026-01-13", startTime: "06:00" };
  expect(runs(daily)).toEqual(["2026-01-11T06:00", "2026-01-12T06:00"]);
  expect(runs({ ...daily, endDate: undefined })).toHaveLength(5);
});

test("months without the day run on their last", () => {
  const monthly = { frequency: "MONTHLY", startDate: "2025-12-31", startTime: "00:30" };
  expect(runs(monthly)).toEqual([
    "2026-01-31T00:30",
    "2026-02-28T00:30",
    "2026-03-31T00:30",
    "2026-04-30T00:30",
    "2026-05-31T00:30",
  ]);
  expect(runs(monthly, new Date("2026-01-31T00:30:00Z"))[0]).toBe("2026-02-28T00:30");
});

test("hours count from the first slot, weeks keep their day, once is once", () => {
  expect(runs({ frequency: "EVERY_8_HOURS", startDate: "2026-01-09", startTime: "22:00" })[0]).toBe("2026-01-10T14:00");
  expect(runs({ frequency: "WEEKLY", startDate: "2026-01-01", startTime: "05:00" })[0]).toBe("2026-01-15T05:00");
  expect(runs({ frequency: "ONCE", startDate: "2026-01-11", startTime: "05:00" })).toEqual(["2026-01-11T05:00"]);
  expect(runs({ frequency: "ONCE", startDate: "2026-01-10", startTime: "05:00" })).toEqual([]);
  expect(runs({ frequency: "DAILY", triggerType: "AFTER_SEGMENT_EVAL", startDate: "2026-01-01" })).toEqual([]);
});

test("what does not go together is brought in line", () => {
  const odd = { frequency: "WEEKLY", triggerType: "AFTER_SEGMENT_EVAL", startDate: "2026-01-01" };
  expect(settled({ exportMode: INCREMENTAL, schedule: odd }).schedule).toEqual({
    frequency: "DAILY",
    triggerType: "SCHEDULED",
    startDate: "2026-01-01",
    startTime: "00:00",
  });
  const once = { frequency: "ONCE", triggerType: "AFTER_SEGMENT_EVAL", startDate: "2026-01-01", endDate: "2026-02-01" };
  expect(settled({ exportMode: FULL, schedule: once }).schedule).toEqual({
    frequency: "ONCE",
    triggerType: "AFTER_SEGMENT_EVAL",
    startDate: "2026-01-01",
  });
});

test("problems are told", () => {
  expect(scheduleProblems(defaultExport(now), now)).toEqual([]);
  const wrong = { frequency: "DAILY", startDate: "2026-01-04", endDate: "2026-01-04", startTime: "6" };
  expect(scheduleProblems({ exportMode: FULL, schedule: wrong }, now)).toEqual(["endBeforeStart", "badTime"]);
  const over = { frequency: "DAILY", startDate: "2026-01-01", endDate: "2026-01-03", startTime: "06:00" };
  expect(scheduleProblems({ exportMode: FULL, schedule: over }, now)).toEqual(["over"]);
});
