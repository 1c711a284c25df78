import { expect, test } from "vitest";
import { defaultHeader, hasData, parsePath, valueAt } from "./fieldPath";

test("paths are read as the server reads them", () => {
  expect(parsePath("person.name.firstName")).toEqual(["person", "name", "firstName"]);
  expect(parsePath("phones[0].number")).toEqual(["phones", 0, "number"]);
  expect(parsePath("`odd name`.`a``b`.c")).toEqual(["odd name", "a`b", "c"]);
  for (const wrong of ["", ".", "a.", "a..b", "[0]", "a[x]"]) expect(parsePath(wrong), wrong).toBeUndefined();
});

test("values are found, and what is missing is missing", () => {
  const profile = { person: { name: "Ada" }, phones: [{ number: "1" }] };
  expect(valueAt(profile, "phones[0].number")).toBe("1");
  expect(valueAt(profile, "phones[1].number")).toBeUndefined();
  expect(valueAt(profile, "person.name.firstName")).toBeUndefined();
  expect(hasData({})).toBe(false);
  expect(hasData(0)).toBe(true);
});

test("headers are the server's", () => {
  expect(defaultHeader("person.name.firstName")).toBe("person_name_firstName");
  expect(defaultHeader("phones[0].number")).toBe("phones_0_number");
  expect(defaultHeader("segmentMembership.status")).toBe("segmentMembership_status");
  expect(defaultHeader("segmentMembership.seg_namespace.seg_id.status")).toBe("segmentMembership_status");
});
