import { expect, test } from "vitest";
import { differences } from "./diff";

test("members that were changed, put in and taken out, and no others", () => {
  expect(differences({ a: 1, b: { c: "x", d: [1] }, e: null }, { a: 2, b: { c: "x", d: [1], f: true } })).toEqual([
    { path: "a", before: 1, after: 2 },
    { path: "b.f", after: true },
    { path: "e", before: null },
  ]);
  expect(differences({ a: { x: 1, y: 2 } }, { a: { y: 2, x: 1 } })).toEqual([]);
});

test("versions and times do not count, but the same names further in do", () => {
  expect(
    differences({ etag: '"1"', updatedAt: 1, a: { version: 1 } }, { etag: '"2"', updatedAt: 2, a: { version: 2 } }),
  ).toEqual([{ path: "a.version", before: 1, after: 2 }]);
});

test("lists: in place, put in, taken out", () => {
  expect(differences({ l: [1, { a: 1 }, 3] }, { l: [1, { a: 2 }, 3] })).toEqual([
    { path: "l[1].a", before: 1, after: 2 },
  ]);
  expect(differences({ l: ["a", "b"] }, { l: ["a", "x", "b"] })).toEqual([{ path: "l[]", after: "x" }]);
  expect(differences({ l: ["a", "b", "c"] }, { l: ["c"] })).toEqual([
    { path: "l[]", before: "a" },
    { path: "l[]", before: "b" },
  ]);
  expect(differences({ l: ["a"] }, { l: ["a", "a"] })).toEqual([{ path: "l[]", after: "a" }]);
  expect(differences({ l: ["a", "b", "a"] }, { l: ["b", "a", "b", "b"] })).toEqual([
    { path: "l", before: ["a", "b", "a"], after: ["b", "a", "b", "b"] },
  ]);
});

test("what was created or deleted is one whole", () => {
  expect(differences(undefined, { a: 1 })).toEqual([{ path: "", after: { a: 1 } }]);
  expect(differences(undefined, undefined)).toEqual([]);
});
