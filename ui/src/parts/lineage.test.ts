import { expect, test } from "vitest";
import type { Violation } from "../api/dataShapes";
import { pictureOf, WAYS_MAX } from "./lineage";

const customers = { id: "d", name: "customers" };
const email = { label: "C2", dataset: customers, schemaPath: "/properties/email", field: "email", bearing: "own" };
const violation = (lineage: Violation["lineage"]) =>
  ({ lineage, segment: { id: "s", name: "gold" }, flow: { id: "f", name: "files" } }) as Violation;

test("ways meet where they go through the same", () => {
  const { nodes, edges, rows } = pictureOf(
    violation([
      { origin: email, use: { path: "email", kind: "mapping" } },
      { origin: { ...email, label: "I1" }, use: { path: "email", kind: "rule" } },
    ]),
    { mapping: "Mapping", rule: "Segment rule" },
  );
  expect(nodes.map(({ column, title }) => `${column} ${title}`)).toEqual([
    "3 gold",
    "4 files",
    "0 customers",
    "1 email",
    "2 Mapping",
    "2 Segment rule",
  ]);
  expect(nodes.find(({ title }) => title === "email")?.labels).toEqual(["C2", "I1"]);
  expect(edges).toHaveLength(6);
  expect(rows).toBe(2);
});

test("a label of the whole dataset stands at the dataset, and what nobody reads is not drawn", () => {
  const ways = Array.from({ length: WAYS_MAX + 5 }, (_, at) => ({
    origin: { label: "C1", dataset: customers, field: `f${at}`, bearing: "dataset" },
    use: { path: `f${at}`, kind: "mapping" as const },
  }));
  const { nodes } = pictureOf(violation(ways), {});
  expect(nodes.find(({ column }) => column === 0)?.labels).toEqual(["C1"]);
  expect(nodes.filter(({ column }) => column === 1)).toHaveLength(WAYS_MAX);
});
