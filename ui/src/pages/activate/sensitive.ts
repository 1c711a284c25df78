// Which values of a preview are hidden at first: those of fields that identify somebody.

import { parsePath } from "../../parts/fieldPath";
import type { RecordColumn } from "../datasets/RecordTable";

type Field = Pick<RecordColumn, "names" | "isSensitive">;

export const MASKED = "••••••";
/** In every message, whatever is mapped. */
const IDENTIFYING = [["identityMap"], ["profileId"]];

/** Whether a mapped path leads to such a field, into one, or to something around one. */
export function isSensitivePath(path: string, fields: Field[]): boolean {
  const steps = (parsePath(path) ?? []).filter((step) => typeof step === "string");
  return sensitive(fields).some((names) => names.every((name, at) => (steps[at] ?? name) === name));
}

function sensitive(fields: Field[]): string[][] {
  return [...IDENTIFYING, ...fields.filter((field) => field.isSensitive).map((field) => field.names)];
}

/** The message with such values hidden. */
export function maskedMessage(message: Record<string, unknown>, fields: Field[]): Record<string, unknown> {
  return sensitive(fields).reduce((masked, names) => maskedAt(masked, names), message);
}

function maskedAt(value: Record<string, unknown>, [first = "", ...rest]: string[]): Record<string, unknown> {
  const inner = value[first];
  if (inner === undefined || inner === null) return value;
  if (rest.length === 0) return { ...value, [first]: MASKED };
  if (typeof inner !== "object" || Array.isArray(inner)) return value;
  return { ...value, [first]: maskedAt(inner as Record<string, unknown>, rest) };
}
