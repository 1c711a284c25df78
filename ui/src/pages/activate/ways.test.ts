import { expect, test } from "vitest";
import type { Violation } from "../../api/policyCheck";
import type { ActivateDraft } from "./draft";
import { pictureOf } from "./lineage";
import { appliedAll } from "./waysOut";

const way = (field: string, kind: string) => ({
  origin: { label: "C2", dataset: { id: "d", name: "customers" }, schemaPath: "/properties/x", field },
  use: { path: field, kind },
});
const violation = {
  policy: { id: "p", name: "P" },
  segment: { id: "s", name: "Gold" },
  flow: { id: "f", name: "Out" },
  lineage: [way("phone", "mapping"), way("mail", "mapping"), way("mail", "rule")],
  waysOut: [],
} as unknown as Violation;

test("ways that share a thing meet in it", () => {
  const { nodes, edges, rows } = pictureOf(violation, {});
  expect(nodes.map((node) => node.title).sort()).toEqual([
    "Gold",
    "Out",
    "customers",
    "mail",
    "mapping",
    "phone",
    "rule",
  ]);
  expect([edges.length, rows]).toEqual([8, 2]);
});

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
