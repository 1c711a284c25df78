import { expect, test } from "vitest";
import { formatBytes, formatCount, formatDuration, formatShare, formatTime, sentence, toDate } from "./format";

test("sizes", () => {
  const shown = [0, 1023, 1024, 1536, 5 * 1024 ** 3].map(formatBytes);
  expect(shown).toEqual(["0 B", "1,023 B", "1 KiB", "1.5 KiB", "5 GiB"]);
  expect(formatCount(1234567)).toBe("1,234,567");
});

test("shares: what is not all or nothing is not said to be", () => {
  const shown = [0, 0.0001, 0.005, 0.5, 0.98765, 0.9999, 1].map(formatShare);
  expect(shown).toEqual(["0 %", "< 0.1 %", "0.5 %", "50 %", "98.8 %", "> 99.9 %", "100 %"]);
});

test("durations", () => {
  const shown = [0, 83, 1500, 59_600, 61_000, 3_700_000].map(formatDuration);
  expect(shown).toEqual(["0 ms", "83 ms", "1.5 s", "1 min 0 s", "1 min 1 s", "1 h 1 min"]);
});

test("times are UTC, whatever the API writes them as", () => {
  expect(formatTime(new Date("2026-11-27T06:00:00+01:00"))).toBe("2026-11-27 05:00");
  expect(toDate(0)?.toISOString()).toBe("1970-01-01T00:00:00.000Z");
  expect([toDate(null), toDate(""), toDate("soon")]).toEqual([undefined, undefined, undefined]);
});

test("what the API says becomes a sentence, and names keep their spelling", () => {
  expect(["the key is wrong", "s3://b is gone", "Done.", ""].map(sentence)).toEqual([
    "The key is wrong.",
    "s3://b is gone.",
    "Done.",
    "",
  ]);
});
