import { expect, test } from "vitest";
import type { ActivateDraft } from "./draft";
import { appliedAll } from "./waysOut";

const draft = {
  rows: [{ key: "a", path: "a", header: "" }],
  segments: [{ id: "s" }],
  actions: [],
} as unknown as ActivateDraft;

test("a way out is gone as a whole or not at all", () => {
  const unmap = { kind: "unmap" as const, fields: [{ path: "a", pointer: "" }] };
  expect(appliedAll(draft, [unmap])?.rows).toEqual([]);
  expect(
    appliedAll(draft, [unmap, { kind: "changeLabels", dataset: { id: "d", name: "D" }, labels: [] }]),
  ).toBeUndefined();
  expect(appliedAll(draft, [{ kind: "dropActions", actions: ["/x"] }])).toBeUndefined();
});
