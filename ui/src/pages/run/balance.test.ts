import { expect, test } from "vitest";
import type { Balance } from "../../api/shapes";
import { missingFrom, partsOf } from "./balance";

const balance: Balance = {
  profilesRead: 20000,
  notSelected: 17261,
  profilesSelected: 2739,
  excluded: { missingMandatory: 393 },
  duplicates: 8,
  profilesWritten: 2338,
  failed: 0,
  rowsWritten: 2338,
};

test("the parts are all profiles, and empty ones stay away", () => {
  expect(partsOf(balance).map(({ id, value }) => [id, value])).toEqual([
    ["written", 2338],
    ["missingMandatory", 393],
    ["duplicates", 8],
    ["notSelected", 17261],
  ]);
  expect(missingFrom(balance)).toBe(0);
});

test("a profile that is nowhere is seen", () => {
  expect(missingFrom({ ...balance, duplicates: 7 })).toBe(1);
});
