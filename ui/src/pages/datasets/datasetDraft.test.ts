import { expect, test } from "vitest";
import { type IdentityDraft, withIdentity, withPath } from "./datasetDraft";

const GUESSES: Record<string, string> = { email: "Email", crm: "CRMID", crmId: "CRMID" };
const namespaceOf = (path: string) => GUESSES[path] ?? "";
const row = (path = "", namespace = ""): IdentityDraft => ({ path, namespace, primary: true });

test("a guessed namespace follows the field, letter by letter", () => {
  let one = row();
  for (const path of ["email", "", "c", "cr", "crm"]) one = withPath(one, path, namespaceOf);
  expect(one).toEqual(row("crm", "CRMID"));
  expect(withPath(one, "crmI", namespaceOf)).toEqual(row("crmI"));
  expect(withPath(row("email", "Email"), "crmId", namespaceOf)).toEqual(row("crmId", "CRMID"));
});

test("a namespace that somebody typed stays, and so does one that was emptied while the field is the same", () => {
  expect(withPath(row("email", "Partner"), "crmId", namespaceOf)).toEqual(row("crmId", "Partner"));
  expect(withPath(row("", "Partner"), "crmId", namespaceOf)).toEqual(row("crmId", "Partner"));
  expect(withPath(row("email", ""), "email", namespaceOf)).toEqual(row("email"));
});

test("a picked field takes the empty row, with its own namespace where one is guessed", () => {
  expect(withIdentity([row("", "Email")], "crmId", "CRMID")).toEqual([row("crmId", "CRMID")]);
  expect(withIdentity([row("", "Partner")], "number", "")).toEqual([row("number", "Partner")]);
  expect(withIdentity([row("email", "Email")], "crmId", "CRMID")).toEqual([
    row("email", "Email"),
    { ...row("crmId", "CRMID"), primary: false },
  ]);
  expect(withIdentity([row("email", "Email")], "email", "Email")).toEqual([row()]);
});
