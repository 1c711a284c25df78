import { expect, test } from "vitest";
import { linesOf } from "./identityLines";

test("values are lines, whatever ends them, and blank ones are none", () => {
  expect(linesOf("\uFEFFa\r\n b\n\n  \nc")).toEqual(["a", " b", "c"]);
  expect(linesOf("")).toEqual([]);
});
