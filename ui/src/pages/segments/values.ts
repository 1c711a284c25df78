// Fields of profiles, and which operators and values go with their types.

import type { SchemaField } from "../../api/dataShapes";
import { MOMENTS, type Operator, type Value } from "./pql/tree";

export type FieldKind = "text" | "number" | "boolean" | "time" | "other";

export function kindOf(type: string | undefined): FieldKind {
  if (type === undefined) return "text";
  if (/^(string|text)/i.test(type)) return "text";
  if (/^(integer|float|decimal|number|double|long|u?int)/i.test(type)) return "number";
  if (/^bool/i.test(type)) return "boolean";
  if (/^(date|timestamp)/i.test(type)) return "time";
  return "other";
}

const ORDER: Operator[] = ["=", "!=", "<", "<=", ">", ">="];
const NULLS: Operator[] = ["isNull", "isNotNull"];

export const OPERATORS: Record<FieldKind, Operator[]> = {
  text: [
    "=",
    "!=",
    "in",
    "notIn",
    "startsWith",
    "endsWith",
    "contains",
    "like",
    "notLike",
    "matches",
    "<",
    "<=",
    ">",
    ">=",
    ...NULLS,
  ],
  number: [...ORDER, "in", "notIn", ...NULLS],
  boolean: ["isTrue", "=", "!=", ...NULLS],
  time: ["occurs", ...ORDER, "in", "notIn", ...NULLS],
  other: ["contains", ...NULLS],
};

export type Choice = { path: string; type: string };

/** All fields that a rule may name, by path. */
export function choicesOf(tree: SchemaField[]): Choice[] {
  return tree.flatMap((field) => {
    const inner = choicesOf(field.fields ?? []);
    const isStruct = inner.length > 0;
    return isStruct ? inner : [{ path: field.path, type: field.type }];
  });
}

/** What was typed, as a constant of the kind that the field needs. */
export function typed(text: string, kind: FieldKind): Value {
  const trimmed = text.trim();
  switch (kind) {
    case "number":
      return /^-?\d*$/.test(trimmed) ? { kind: "integer", text: trimmed } : { kind: "float", text: trimmed };
    case "boolean":
      return { kind: "boolean", text: trimmed };
    case "time": {
      const word = trimmed.toLowerCase();
      // What is being typed may become any of these: a day is the shortest that begins with digits.
      if (MOMENTS.some((moment) => moment.startsWith(word) && word !== "")) return { kind: "moment", text: word };
      return trimmed.length > 10 ? { kind: "instant", text: trimmed } : { kind: "day", text: trimmed };
    }
    default:
      return { kind: "text", text };
  }
}

/** Values for another operator or field: kept as far as they fit. */
export function fitted(values: Value[], operator: Operator, kind: FieldKind): Value[] {
  if (["isTrue", "isNull", "isNotNull"].includes(operator)) return [];
  const texts = values.length === 0 ? [kind === "boolean" ? "true" : ""] : values.map((value) => value.text);
  const some = operator === "in" || operator === "notIn" ? texts : texts.slice(0, 1);
  return some.map((text) => typed(text, kind));
}
