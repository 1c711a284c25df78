import { expect, test } from "vitest";
import { sampleFacts, sampleFile, sampleMessage } from "./sample";

const csvOptions = { delimiter: ";", quote: '"', escape: "", nullValue: "null", emptyValue: '""', lineEnding: "LF" };
const facts = sampleFacts("Acme", "Luxury", new Date("2026-01-05T20:00:00Z"));

test("a sample follows what was chosen", () => {
  const files = { fileType: "CSV", compression: "GZIP", csvOptions };
  const sample = sampleFile(files, { path: "a/%SEGMENT_NAME%" }, facts, false);
  expect(sample.name).toBe("Acme_segment12341e18-abcd-49c2-836d-123c88e76c39_20260105200000.csv.gz");
  expect(sample.folder).toBe("a/Luxury");
  expect(sample.lines[2]).toBe("Grace;null;grace@example.org;realized");
  expect(sample.lines[3]).toBe('Edith;"";edith@example.org;existing');
});

test("a message tells of segments what was asked for", () => {
  expect(sampleMessage({}, "Luxury")).not.toContain("Luxury");
  expect(sampleMessage({ includeSegmentNames: true }, "Luxury")).toContain('"name": "Luxury"');
});
