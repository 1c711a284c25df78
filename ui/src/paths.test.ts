import { expect, test } from "vitest";
import { known, parseSearch, paths, safeNext, stringifySearch } from "./paths";

test("search params are plain strings both ways", () => {
  expect(stringifySearch({ tab: "runs", find: "a b&c", none: undefined })).toBe("?tab=runs&find=a+b%26c");
  expect(parseSearch("?find=a+b%26c&n=1")).toEqual({ find: "a b&c", n: "1" });
  expect(known("tab", "find")({ tab: "runs", other: "x" })).toEqual({ tab: "runs" });
});

test("an id in a path cannot leave it", () => {
  expect(paths.flow("../x?y", { tab: "data" })).toBe("/destinations/flows/..%2Fx%3Fy?tab=data");
});

test("signing in leads nowhere else", () => {
  for (const next of ["//evil.example", "/\\evil.example", "https://evil.example", undefined, ""]) {
    expect(safeNext(next)).toBe("/");
  }
  expect(safeNext("/destinations/browse?selected=1")).toBe("/destinations/browse?selected=1");
});
