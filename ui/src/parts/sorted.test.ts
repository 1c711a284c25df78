import { expect, test } from "vitest";
import { sorted } from "./sorted";

test("names as people order them, and what is missing last both ways", () => {
  const rows = [{ n: "b10" }, {}, { n: "B2" }, { n: "a" }] as { n?: string }[];
  const names = (direction: "ascending" | "descending") => sorted(rows, (row) => row.n, direction).map((row) => row.n);
  expect(names("ascending")).toEqual(["a", "B2", "b10", undefined]);
  expect(names("descending")).toEqual(["b10", "B2", "a", undefined]);
});
