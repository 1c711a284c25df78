// The fields that can be mapped, as a flat list: what profiles have, their identities, and the exported membership.

import type { ProfileFields, SchemaField } from "../../api/dataShapes";
import type { DatasetFacts, Profile } from "../../api/profiles";
import { toCell } from "../../parts/csv";
import { hasData, membershipMember, parsePath, valueAt } from "../../parts/fieldPath";
import { isStreamOwn, LAST_QUALIFICATION_PATH, STATUS_PATH } from "./draft";

export type MapField = {
  path: string;
  /** What it is called beside its path, where it has a name. */
  name?: string;
  type: string;
  labels: string[];
  /** Which part of all profiles has a value, from 0 to 1; nothing where the server has not counted. */
  share?: number;
  hasData: boolean;
  /** What the first of the sampled profiles has that has any. */
  example: string;
};

export type FieldFacts = {
  schema: ProfileFields;
  facts?: DatasetFacts;
  sample?: Profile[];
  isBatch: boolean;
  /** Whether files are text, which takes single values only. */
  isText: boolean;
  memberships: Record<string, string>;
};

export function fieldsOf({ schema, facts, sample, isBatch, isText, memberships }: FieldFacts): MapField[] {
  const labels = facts?.labels ?? new Map<string, string[]>();
  const make = ({ path, type, filled: count }: Pick<SchemaField, "path" | "type" | "filled">): MapField => {
    const filled = count ?? undefined;
    const values = (sample ?? []).map((profile) => valueAt(profile, path)).filter(hasData);
    return {
      path,
      type,
      labels: labelsOf(path, labels),
      ...(filled !== undefined && schema.profiles && { share: filled / schema.profiles }),
      hasData: filled === undefined ? sample === undefined || values.length > 0 : filled > 0,
      example: String(toCell(values[0]) ?? ""),
    };
  };
  const fields = walk(schema.fields)
    .filter(({ path }) => !["identityMap", "segmentMembership"].includes(String(parsePath(path)?.[0])))
    .filter(({ path, type }) => (isBatch || !isStreamOwn(path)) && (!isText || isScalar(type)))
    .map(make);
  if (!isBatch) return fields;
  const identities = (facts?.namespaces ?? []).map((name) =>
    make({ path: `identityMap.${quoted(name)}[0].id`, type: "string" }),
  );
  const statuses = [STATUS_PATH, LAST_QUALIFICATION_PATH].map((path) => ({
    ...make({ path, type: path === STATUS_PATH ? "string" : "timestamp" }),
    name: memberships[membershipMember(path) ?? ""],
    hasData: true,
    example: path === STATUS_PATH ? "realized" : "",
  }));
  return [...statuses, ...fields, ...identities];
}

/** By what one knows which fields have data: all profiles, or some. */
export type Known = { profiles: number; isSample: boolean };

export function knownOf({ fields, profiles }: ProfileFields, sample: Profile[] | undefined): Known {
  const isCounted = profiles !== undefined && profiles > 0 && fields.some((field) => field.filled !== undefined);
  return isCounted ? { profiles, isSample: false } : { profiles: sample?.length ?? 0, isSample: true };
}

export function isScalar(type: string): boolean {
  return !/^(struct|map|list)/.test(type);
}

function walk(nodes: SchemaField[]): SchemaField[] {
  return nodes.flatMap((node) => [node, ...walk(node.fields ?? [])]);
}

/** A field has its own labels, those of what it is in, and those of the whole dataset. */
export function labelsOf(path: string, labels: Map<string, string[]>): string[] {
  const steps = (parsePath(path) ?? []).filter((step) => typeof step === "string");
  const found = [labels.get("") ?? []];
  for (let length = 1; length <= steps.length; length += 1)
    found.push(labels.get(steps.slice(0, length).join(".")) ?? []);
  return [...new Set(found.flat())].sort();
}

function quoted(name: string): string {
  return /^[\p{L}_][\p{L}\p{N}_-]*$/u.test(name) ? name : `\`${name.replaceAll("`", "``")}\``;
}

/** Paths that profiles have, of everything. */
export function pathsOf(tree: SchemaField[]): string[] {
  return walk(tree).map((node) => node.path);
}
