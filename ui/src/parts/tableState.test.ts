import { expect, test } from "vitest";
import { askedSort, isFilter, pageOf, sortOf, sortText } from "./tableState";

test("a sort is written as it is read", () => {
  for (const text of ["name", "-name"]) expect(sortText(sortOf(text))).toBe(text);
});

test("a column that is not there is not sorted by", () => {
  const columns = ["name", "size"];
  expect(sortText(askedSort("-size", "name", columns))).toBe("-size");
  expect(sortText(askedSort("-gone", "name", columns))).toBe("name");
  expect(sortText(askedSort(undefined, "-name", columns))).toBe("-name");
  expect(sortText(askedSort(undefined, undefined, columns))).toBe("");
});

test("pages count from 1, and none is beyond the last", () => {
  expect([undefined, "1", "2", "9", "0", "-1", "x", "1.5"].map((asked) => pageOf(asked, 3))).toEqual([
    0, 0, 1, 2, 0, 0, 0, 0,
  ]);
});

test("filters choose rows; selecting, sorting and asking does not", () => {
  for (const name of ["find", "status", "limit", "objectId"]) expect(isFilter(name)).toBe(true);
  for (const name of ["selected", "ask", "tab", "sort", "page", "letters-page"]) expect(isFilter(name)).toBe(false);
});
