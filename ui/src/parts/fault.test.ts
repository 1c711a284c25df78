import { expect, test } from "vitest";
import { Problem } from "../api/problem";
import { hostKeyOf, withFieldsAtFault, withHostKey } from "./fault";

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

test("an approved key stands beside those of other servers, and in place of the server's own old one", () => {
  expect(withHostKey({ user: "u" }, key)).toEqual({ user: "u", hostKey: "ssh-ed25519 AAAA" });
  expect(withHostKey({ hostKey: "other BBBB\n" }, key)).toEqual({ hostKey: "other BBBB\nssh-ed25519 AAAA" });
  expect(withHostKey({ hostKey: "old BBBB" }, { ...key, approved: ["SHA256:old"] }).hostKey).toBe("ssh-ed25519 AAAA");
});
