import { expect, test } from "vitest";
import { fieldsOf, knownOf, labelsOf } from "./fields";

const tree = [
  { name: "profileId", path: "profileId", type: "string" },
  { name: "identityMap", path: "identityMap", type: "map<string,list<struct>>" },
  {
    name: "person",
    path: "person",
    type: "struct",
    fields: [{ name: "name", path: "person.name", type: "string" }],
  },
];
const facts = {
  labels: new Map([
    ["", ["C1"]],
    ["person", ["I1"]],
    ["person.name", ["C2"]],
  ]),
  namespaces: ["Email"],
};
const shared = { schema: { fields: tree }, facts, sample: [{ profileId: "p" }], memberships: { status: "Status" } };

test("text files take single values, the membership and identities", () => {
  const fields = fieldsOf({ ...shared, isBatch: true, isText: true });
  expect(fields.map((field) => field.path)).toEqual([
    "segmentMembership.seg_namespace.seg_id.status",
    "segmentMembership.seg_namespace.seg_id.lastQualificationTime",
    "profileId",
    "person.name",
    "identityMap.Email[0].id",
  ]);
  expect(fields.map((field) => field.hasData)).toEqual([true, true, true, false, false]);
});

test("streams take objects, and nothing that messages have anyhow", () => {
  const fields = fieldsOf({ ...shared, isBatch: false, isText: false });
  expect(fields.map((field) => field.path)).toEqual(["person", "person.name"]);
});

test("labels come down from what a field is in", () => {
  expect(labelsOf("person.name", facts.labels)).toEqual(["C1", "C2", "I1"]);
  expect(labelsOf("other", facts.labels)).toEqual(["C1"]);
});

test("counted fields have data by the count, and say which part", () => {
  const counted = tree.map((field) => ({ ...field, filled: field.name === "profileId" ? 0 : 3 }));
  const schema = { fields: counted, profiles: 4 };
  const fields = fieldsOf({ ...shared, schema, isBatch: true, isText: true });
  const profileId = fields.find((field) => field.path === "profileId");
  expect([profileId?.hasData, profileId?.share]).toEqual([false, 0]);
  expect(knownOf(schema, undefined)).toEqual({ profiles: 4, isSample: false });
  expect(knownOf({ fields: tree }, [{}])).toEqual({ profiles: 1, isSample: true });
});
