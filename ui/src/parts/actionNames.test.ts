import { expect, test } from "vitest";
import { refOf } from "../api/governance";
import { keyOfRef, namesOf } from "./actionNames";

const EMAIL = refOf("core", "emailTargeting");

test("an action is the same one whatever stands before it", () => {
  const long = "https://outflow.example/data/foundation/dulepolicy/marketingActions/core/emailTargeting";
  expect(keyOfRef(EMAIL)).toBe("core/emailTargeting");
  expect(keyOfRef(long)).toBe(keyOfRef(EMAIL));
});

test("actions are named as people call them, each once, and by their address where nobody knows them", () => {
  const names = namesOf([
    { name: "emailTargeting", friendlyName: "Email targeting", isCore: true, ref: EMAIL },
    { name: "crmSync", isCore: false, ref: refOf("custom", "crmSync") },
  ]);
  const other = "../marketingActions/custom/crmSync";
  expect(names([EMAIL, other, refOf("custom", "crmSync"), refOf("custom", "gone")])).toBe(
    "Email targeting, crmSync, gone",
  );
  expect(names([])).toBe("");
});
