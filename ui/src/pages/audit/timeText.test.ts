import { parseDate } from "@internationalized/date";
import { expect, test } from "vitest";
import { isTimeText } from "./timeText";

test("days and times in UTC are times, and their days can be shown", () => {
  for (const text of ["2026-02-28", "2028-02-29", "2026-12-31T23:59Z", "2026-01-01T00:00:00.123Z"]) {
    expect(isTimeText(text), text).toBe(true);
    expect(parseDate(text.slice(0, 10)).toString()).toBe(text.slice(0, 10));
  }
});

test("days that are not in the calendar are none", () => {
  const none = [undefined, "", "now", "2026-02-31", "2026-02-29", "2026-13-01", "2026-00-10", "2026-01-00"];
  for (const text of [...none, "2026-02-28T24:00Z", "2026-02-28T12:00", "2026-2-8"]) {
    expect(isTimeText(text), String(text)).toBe(false);
  }
});
