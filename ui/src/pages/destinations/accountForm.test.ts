import { expect, test } from "vitest";
import type { Account } from "../../api/shapes";
import { accountOperations, formOf } from "./accountForm";

const account = {
  name: "acme",
  auth: { specName: "Access Key", params: { s3AccessKey: "A", s3SecretKey: "********", region: "eu" } },
} as unknown as Account;

test("what is as it was is not sent", () => {
  expect(accountOperations(account, formOf(account))).toEqual([]);
});

test("a changed member of the credentials sends them whole, with the mask for secrets that stay", () => {
  const form = { ...formOf(account), name: "acme 2", params: { ...formOf(account).params, region: "" } };
  expect(accountOperations(account, form)).toEqual([
    { op: "replace", path: "/name", value: "acme 2" },
    { op: "replace", path: "/auth/params", value: { s3AccessKey: "A", s3SecretKey: "********" } },
  ]);
});

test("a key is added, and taken away", () => {
  const added = accountOperations(account, { ...formOf(account), publicKey: "KEY" });
  expect(added.map(({ op, path }) => [op, path])).toEqual([["add", "/encryption"]]);
  const encrypted = { ...account, encryption: { params: { publicKey: "KEY" } } } as Account;
  expect(accountOperations(encrypted, formOf(account))).toEqual([{ op: "remove", path: "/encryption" }]);
});
