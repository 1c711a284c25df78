import { expect, test } from "vitest";
import { csvLines, jsonLines, toCell } from "./csv";

const rows = [["a,b", 'say "x"', null, "", 7, "line\nend"]];

test("the default dialect is RFC 4180, with null as nothing and empty as two quotes", () => {
  expect(csvLines(rows)).toEqual(['"a,b","say ""x""",,"",7,"line\nend"']);
});

test("dialects are followed", () => {
  expect(csvLines(rows, { delimiter: "\\t", escape: "\\", nullValue: "null" })).toEqual([
    'a,b\t"say \\"x\\""\tnull\t""\t7\t"line\nend"',
  ]);
  expect(csvLines([["a,b", "c"]], { quote: "", escape: "\\" })).toEqual(["a\\,b,c"]);
  expect(csvLines([["null"]], { nullValue: "null" })).toEqual(['"null"']);
});

test("JSON has a line for each row", () => {
  expect(jsonLines(["a", "b"], [["x", null]])).toEqual(['{"a":"x"}']);
  expect(toCell({ a: 1 })).toBe('{"a":1}');
  expect(toCell(undefined)).toBeNull();
});
