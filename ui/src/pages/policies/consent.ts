// Consent policies as people read them, and the rule that is true of those who agree.

import type { ConsentAgreement, ConsentCondition } from "../../api/dataShapes";
import { policies as room } from "../../strings/en/policies";
import { printValue } from "../segments/pql/print";
import { printOperands } from "./expression";

const words = room.consent;

export function conditionText(condition: ConsentCondition, namesOf: (refs: string[]) => string): string {
  return printOperands(condition, (leaf) =>
    "label" in leaf ? words.labelText(leaf.label) : words.actionText(namesOf([leaf.marketingActionRef])),
  );
}

export function agreementText(agreement: ConsentAgreement): string {
  return printOperands(agreement, ({ path, values }) => words.thenText(path, values.join(words.or)));
}

/** The agreement as a rule: who says nothing has not agreed, as with the policy. Rules know AND and OR as policies do. */
export function agreementRule(agreement: ConsentAgreement): string {
  return printOperands(agreement, ({ path, values }) => {
    const constants = values.map((text) => printValue({ kind: "text", text }));
    return `${path} in [${constants.join(", ")}]`;
  });
}

export function valuesOf(text: string): string[] {
  return text
    .split(",")
    .map((value) => value.trim())
    .filter((value) => value !== "");
}
