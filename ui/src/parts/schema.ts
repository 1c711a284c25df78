// The part of JSON Schema that the API's forms use, as fields of a form.

export type JsonSchema = {
  properties?: Record<string, JsonProperty>;
  required?: string[];
};

export type JsonProperty = {
  type?: string | string[];
  title?: string;
  description?: string;
  format?: string;
  enum?: unknown[];
  default?: unknown;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  contentEncoding?: string;
};

export type FieldKind = "text" | "secret" | "lines" | "secretLines" | "number" | "boolean" | "maybe" | "choice";

export type Field = {
  name: string;
  label: string;
  kind: FieldKind;
  help?: string;
  isRequired: boolean;
  choices: string[];
  property: JsonProperty;
};

export type Values = Record<string, string | number | boolean | undefined>;

/** What the API shows in place of a secret, and takes for "as it is". */
export const MASK = "********";

/** Fields that hold several lines, by name: the schema has no word for it. */
const LINES = /key$|hosts$|certificate$/i;
const ONE_LINE_KEYS = /^(s3)?(access|secret)key$|^saskey$/i;

export function fieldsOf(schema: JsonSchema): Field[] {
  const required = new Set(schema.required ?? []);
  const fields = Object.entries(schema.properties ?? {}).map(([name, property]) => ({
    name,
    label: property.title ?? labelOf(name),
    kind: kindOf(name, property),
    help: property.description?.replaceAll(/\s+/g, " "),
    isRequired: required.has(name),
    choices: (property.enum ?? []).filter((value) => value !== null).map(String),
    property,
  }));
  // What must be filled in comes first; within that, as the schema has it.
  return fields.sort((a, b) => Number(b.isRequired) - Number(a.isRequired));
}

function kindOf(name: string, property: JsonProperty): FieldKind {
  const types = Array.isArray(property.type) ? property.type : [property.type];
  if (property.enum) return "choice";
  // A switch has no "empty": where empty means something else than no, it is a choice of three.
  if (types.includes("boolean")) return property.default === undefined ? "maybe" : "boolean";
  if (types.includes("integer") || types.includes("number")) return "number";
  const isLong = (LINES.test(name) && !ONE_LINE_KEYS.test(name)) || property.contentEncoding === "base64";
  if (property.format === "password") return isLong ? "secretLines" : "secret";
  return isLong ? "lines" : "text";
}

/** `s3AccessKey` as `S3 access key`, and `answerSecs` as `Answer (seconds)`. */
export function labelOf(name: string): string {
  const unit = Object.keys(UNITS).find((end) => name.endsWith(end) && name !== end);
  if (unit) return `${labelOf(name.slice(0, -unit.length))} (${UNITS[unit]})`;
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
    .split(/[\s_-]+/)
    .map((word) => (ACRONYMS.has(word.toUpperCase()) ? word.toUpperCase() : (SPELLED[word] ?? word.toLowerCase())));
  const text = words.join(" ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const UNITS: Record<string, string> = { Secs: "seconds", Millis: "milliseconds" };
const ACRONYMS = new Set(["S3", "SSH", "SAS", "ARN", "URL", "ID", "AWS", "SFTP", "PGP", "CSV"]);
const SPELLED: Record<string, string> = { username: "user name", userName: "user name" };

/** What a form begins with: defaults of the schema, under what is saved. */
export function initialValues(schema: JsonSchema, saved: Values = {}): Values {
  const values: Values = {};
  for (const [name, { default: value }] of Object.entries(schema.properties ?? {})) {
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") values[name] = value;
  }
  return { ...values, ...saved };
}

/** The labels of the fields that must be filled in, and are not. */
export function missingOf(schema: JsonSchema | undefined, values: Values): string[] {
  if (!schema) return [];
  const filled = initialValues(schema, values);
  const isEmpty = (value: Values[string]) =>
    value === undefined || value === null || Number.isNaN(value) || String(value).trim() === "";
  return fieldsOf(schema)
    .filter((field) => field.isRequired && isEmpty(filled[field.name]))
    .map((field) => field.label);
}

/** What is sent: nothing for fields that were left empty, but for those that were saved and shall go. */
export function sentValues(values: Values): Values {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined && value !== "" && !Number.isNaN(value)),
  );
}
