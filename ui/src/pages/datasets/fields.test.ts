import { expect, test } from "vitest";
import type { DatasetLabels, SchemaField } from "../../api/dataShapes";
import { flatFields, isSensitive, labelled, leaves, textOf, valueAt, withLabels } from "./fields";

const tree: SchemaField[] = [
  { name: "id", path: "id", type: "string" },
  {
    name: "person",
    path: "person",
    type: "struct",
    fields: [
      { name: "e/mail", path: "person.`e/mail`", type: "string" },
      { name: "tags", path: "person.tags", type: "list<struct>" },
    ],
  },
];
const labels: DatasetLabels = {
  etag: '"1"',
  labels: ["C2"],
  optionalLabels: [
    { option: { schemaPath: "/properties/person" }, labels: ["I2", "C2"] },
    { option: { schemaPath: "/properties/person/properties/e~1mail" }, labels: ["I1"] },
    { option: { schemaPath: "/properties/id/items" }, labels: ["S1"] },
  ],
};

test("labels go down from the dataset and from fields to all inside, each once", () => {
  const fields = flatFields(labelled(tree, labels, "customers"));
  const [id, person, mail, tags] = fields;
  expect(id).toMatchObject({ own: [], inherited: [{ name: "C2", from: "customers" }] });
  expect(person).toMatchObject({ own: ["I2", "C2"], inherited: [] });
  expect(mail).toMatchObject({ own: ["I1"], schemaPath: "/properties/person/properties/e~1mail" });
  expect(mail?.inherited).toEqual([
    { name: "I2", from: "person" },
    { name: "C2", from: "person" },
  ]);
  expect(tags?.inherited.map(({ name }) => name)).toEqual(["I2", "C2"]);
});

test("what identifies somebody is hidden, by labels around and inside", () => {
  const fields = labelled(tree, labels, "customers");
  expect(leaves(fields).map((field) => isSensitive(field, labels))).toEqual([true, true, true]);
  const plain = { ...labels, optionalLabels: [] };
  expect(leaves(labelled(tree, plain, "customers")).some((field) => isSensitive(field, plain))).toBe(false);
  const map = [{ name: "identityMap", path: "identityMap", type: "map<string,list<struct>>" }];
  expect(leaves(labelled(map, plain, "customers")).every((field) => isSensitive(field, plain))).toBe(true);
});

test("values are found by names, and lists shown whole", () => {
  const record = { id: 7, person: { "e/mail": "a@b", tags: [{ n: 1 }] } };
  expect(leaves(labelled(tree, labels, "")).map((field) => textOf(valueAt(record, field.names)))).toEqual([
    "7",
    "a@b",
    '[{"n":1}]',
  ]);
  expect(textOf(valueAt({ person: null }, ["person", "e/mail"]))).toBe("");
});

test("labels of one field replace its own, and none takes it out", () => {
  expect(withLabels(labels, undefined, []).labels).toEqual([]);
  const without = withLabels(labels, "/properties/person", []);
  expect(without.optionalLabels.map(({ option }) => option.schemaPath)).not.toContain("/properties/person");
  const other = withLabels(labels, "/properties/new", ["C1"]);
  expect(other.optionalLabels.at(-1)).toEqual({ option: { schemaPath: "/properties/new" }, labels: ["C1"] });
});
