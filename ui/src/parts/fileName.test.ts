import { expect, test } from "vitest";
import {
  DEFAULT_TEMPLATE,
  extensionOf,
  fileName,
  hasMacro,
  isDated,
  MACROS,
  type Macro,
  nameProblems,
  renderDate,
  renderName,
  toggleMacro,
} from "./fileName";

const facts = {
  destinationName: "Acme_S3",
  destinationId: "d",
  segmentId: "12341e18-abcd-49c2-836d-123c88e76c39",
  segmentName: "Lux/ury 100%",
  organization: "acme",
  sandbox: "prod",
  at: new Date("2020-04-08T06:18:04.007Z"),
};
const macro = (id: string) => MACROS.find((one) => one.id === id) as Macro;

test("the default name is the documented one", () => {
  const name = "Acme_S3_segment12341e18-abcd-49c2-836d-123c88e76c39_20200408061804";
  expect(renderName(DEFAULT_TEMPLATE, facts)).toBe(name);
});

test("values cannot leave the folder, and are put in once", () => {
  expect(renderName("%SEGMENT_NAME%%%x", facts)).toBe("Lux_ury 100%%x");
  expect(renderName("%NOPE%", facts)).toBe("%NOPE%");
});

test("minutes are what stands after hours", () => {
  expect(renderDate("MMDDYYYY_HHMMSS", facts.at)).toBe("04082020_061804");
  expect(renderDate("YYYY-MM-dd'T'HHmmss.SSS", facts.at)).toBe("2020-04-08T061804.007");
});

test("macros are put in and taken out, and there is one time", () => {
  const named = toggleMacro(DEFAULT_TEMPLATE, macro("segmentName"));
  expect(named).toBe(`${DEFAULT_TEMPLATE}_%SEGMENT_NAME%`);
  expect(toggleMacro(named, macro("segmentName"))).toBe(DEFAULT_TEMPLATE);
  const unix = toggleMacro(DEFAULT_TEMPLATE, macro("unixTime"));
  expect(unix).toBe("%DESTINATION_NAME%_segment%SEGMENT_ID%_%TIMESTAMP%");
  expect(hasMacro("%DATETIME(YYYY)%", macro("dateTime"))).toBe(true);
  expect(hasMacro("%DATETIME(MMDDYYYY_HHMMSS)%", macro("dateTime"))).toBe(false);
  expect(isDated(toggleMacro(unix, macro("unixTime")))).toBe(false);
});

test("what is wrong with a name is told", () => {
  expect(nameProblems(DEFAULT_TEMPLATE, "x", "csv")).toEqual([]);
  expect(nameProblems("a/b%NOPE%", "x", "csv")).toEqual(["unknownMacro", "noDestination", "noSegment", "separator"]);
  expect(nameProblems(DEFAULT_TEMPLATE, "x".repeat(240), "csv.gz")).toEqual(["tooLong"]);
});

test("extensions are those of the files", () => {
  expect(extensionOf({ fileType: "CSV", compression: "GZIP" }, true)).toBe("csv.gz.gpg");
  expect(extensionOf({}, false)).toBe("csv");
  expect(fileName("name.csv", "csv")).toBe("name.csv");
});
