import { expect, test } from "vitest";
import { fieldsOf, initialValues, labelOf, missingOf, sentValues } from "./schema";

const schema = {
  properties: {
    port: { type: "integer", default: 22 },
    domain: { type: "string", description: "Host name\nor address." },
    sshKey: { type: "string", format: "password" },
    s3SecretKey: { type: "string", format: "password" },
    hostKey: { type: ["string", "null"], default: null },
    pathStyle: { type: "boolean" },
    legacyAlgorithms: { type: "boolean", default: false },
    fileType: { type: "string", enum: ["CSV", "JSON", null] },
  },
  required: ["domain", "sshKey"],
};

test("fields have the kind of their input, and those that are required come first", () => {
  const kinds = fieldsOf(schema).map(({ name, kind }) => [name, kind]);
  expect(kinds).toEqual([
    ["domain", "text"],
    ["sshKey", "secretLines"],
    ["port", "number"],
    ["s3SecretKey", "secret"],
    ["hostKey", "lines"],
    ["pathStyle", "maybe"],
    ["legacyAlgorithms", "boolean"],
    ["fileType", "choice"],
  ]);
  expect(fieldsOf(schema)[0]?.help).toBe("Host name or address.");
  expect(fieldsOf(schema).at(-1)?.choices).toEqual(["CSV", "JSON"]);
});

test("names of members as labels", () => {
  const labels = ["s3AccessKey", "roleArn", "username", "endpointUrl", "sasKeyName", "answerSecs"].map(labelOf);
  const expected = ["S3 access key", "Role ARN", "User name", "Endpoint URL", "SAS key name", "Answer (seconds)"];
  expect(labels).toEqual(expected);
});

test("what is missing is what must be filled in, has no default, and is empty", () => {
  expect(missingOf(schema, {})).toEqual(["Domain", "SSH key"]);
  expect(missingOf(schema, { domain: " ", sshKey: "k" })).toEqual(["Domain"]);
  expect(missingOf({ ...schema, required: ["port"] }, {})).toEqual([]);
  expect(missingOf(undefined, {})).toEqual([]);
});

test("a form begins with what is saved over the defaults, and sends no empty fields", () => {
  expect(initialValues(schema, { port: 2222 })).toEqual({ port: 2222, legacyAlgorithms: false });
  expect(sentValues({ a: "", b: 0, c: false, d: undefined, e: Number.NaN, f: "x" })).toEqual({
    b: 0,
    c: false,
    f: "x",
  });
});
