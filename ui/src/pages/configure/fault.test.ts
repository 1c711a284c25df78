import { expect, test } from "vitest";
import { Problem } from "../../api/problem";
import { unknownKeyOf, withFieldsAtFault } from "./fault";

const schema = {
  properties: { s3AccessKey: {}, s3SecretKey: { format: "password" }, endpoint: {}, region: {} },
  required: ["s3AccessKey", "s3SecretKey"],
};
const refused = (step: Record<string, string>) =>
  new Problem(400, {
    steps: [
      { name: "Reach", outcome: "passed" },
      { name: "Sign in", outcome: "failed", ...step },
    ],
  });
const marked = (problem: Problem) =>
  withFieldsAtFault(problem, schema, "/auth/params", "check").fields.map((field) => field.field);

test("the fields that a failed step names are at fault", () => {
  expect(marked(refused({ class: "credentials", hint: "Check s3AccessKey; it may be gone." }))).toEqual([
    "/auth/params/s3AccessKey",
  ]);
});

test("where it names none, its class tells", () => {
  expect(marked(refused({ class: "credentials", message: "no" }))).toEqual(["/auth/params/s3SecretKey"]);
  expect(marked(refused({ class: "unavailable", message: "no answer" }))).toEqual(["/auth/params/endpoint"]);
  expect(marked(refused({ class: "internal" }))).toEqual([]);
});

test("an unknown key is read with its fingerprint", () => {
  const message =
    "the server's key is not approved yet: it is `ssh-ed25519 AAAA` with fingerprint SHA256:8S7 (ED25519)";
  expect(unknownKeyOf(refused({ message }))).toEqual({ line: "ssh-ed25519 AAAA", fingerprint: "SHA256:8S7 (ED25519)" });
  expect(unknownKeyOf(refused({ message: "the server's key has changed" }))).toBeUndefined();
});
