import { expect, test } from "vitest";
import { Problem } from "../api/problem";
import { hostKeyOf, labelsOf, withFieldsAtFault, withHostKey, withLabels } from "./fault";

const refused = (step: Record<string, unknown>, problems?: { field: string; message: string }[]) =>
  new Problem(400, {
    problems,
    steps: [
      { name: "Reach", outcome: "passed" },
      { name: "Sign in", outcome: "failed", ...step },
    ],
  });
const marked = (problem: Problem) => withFieldsAtFault(problem, "check").fields.map((field) => field.field);
const key = {
  field: "/auth/params/hostKey",
  line: "ssh-ed25519 AAAA",
  fingerprint: "SHA256:8S7",
  algorithm: "ssh-ed25519",
};

test("the fields of the failed step are at fault, where the API has not said which are", () => {
  expect(marked(refused({ fields: ["/auth/params/password"] }))).toEqual(["/auth/params/password"]);
  expect(marked(refused({}))).toEqual([]);
  expect(marked(refused({ fields: ["/a"] }, [{ field: "/name", message: "is taken" }]))).toEqual(["/name"]);
});

test("an unknown key is a question, and no field is at fault", () => {
  const problem = refused({ fields: ["/auth/params/hostKey"], hostKey: key });
  expect(hostKeyOf(problem)).toEqual(key);
  expect(marked(problem)).toEqual([]);
  expect(hostKeyOf(refused({}))).toBeUndefined();
  expect(hostKeyOf(undefined)).toBeUndefined();
});

test("fields are called as the form calls them", () => {
  const labels = labelsOf({ properties: { s3SecretKey: {}, port: {}, answerSecs: { title: "Patience" } } }, undefined);
  expect(withLabels("Enter s3SecretKey again", labels)).toBe("Enter S3 secret key again");
  expect(withLabels("/auth/params/s3SecretKey is missing", labels)).toBe("S3 secret key is missing");
  expect(withLabels("check `port`, any port, and answerSecs of `http://a`", labels)).toBe(
    "check Port, any port, and Patience of `http://a`",
  );
});

test("an approved key stands beside those of other servers, and in place of the server's own old one", () => {
  expect(withHostKey({ user: "u" }, key)).toEqual({ user: "u", hostKey: "ssh-ed25519 AAAA" });
  expect(withHostKey({ hostKey: "other BBBB\n" }, key)).toEqual({ hostKey: "other BBBB\nssh-ed25519 AAAA" });
  expect(withHostKey({ hostKey: "old BBBB" }, { ...key, approved: ["SHA256:old"] }).hostKey).toBe("ssh-ed25519 AAAA");
});
