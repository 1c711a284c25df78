// What is typed for a dataset, and what is sent of it.

import type { PatchOperation } from "../../api/accounts";
import type { Schemas } from "../../api/client";
import type { Dataset, Inspection } from "../../api/dataShapes";

export type IdentityDraft = { path: string; namespace: string; primary: boolean };

export type Draft = {
  name: string;
  description: string;
  /** One a line. */
  urls: string;
  /** Empty where the files' names tell it. */
  format: string;
  identities: IdentityDraft[];
  timestamp: string;
};

export function draftOf(dataset: Dataset | undefined): Draft {
  if (dataset === undefined) {
    const identities = [{ path: "", namespace: "", primary: true }];
    return { name: "", description: "", urls: "", format: "", identities, timestamp: "" };
  }
  return {
    name: dataset.name,
    description: dataset.description ?? "",
    urls: dataset.source.urls.join("\n"),
    format: dataset.source.format ?? "",
    identities: dataset.identities.map(({ path, namespace, primary }) => ({
      path,
      namespace,
      primary: Boolean(primary),
    })),
    timestamp: dataset.timestamp ?? "",
  };
}

function urlsOf(draft: Draft): string[] {
  return draft.urls
    .split("\n")
    .map((url) => url.trim())
    .filter((url) => url !== "");
}

/** Where the files are, as the API takes it. */
export function sourceOf(draft: Draft): Schemas["DatasetSource"] {
  return { urls: urlsOf(draft), ...(draft.format && { format: draft.format }) };
}

export const hasFiles = (draft: Draft) => urlsOf(draft).length > 0;

/** What is missing before it can be sent, as words name it. */
export type Missing = "name" | "files" | "path" | "namespace";

export function missingOf(draft: Draft): Missing[] {
  const isEmpty = (of: (identity: IdentityDraft) => string) => draft.identities.some((one) => of(one).trim() === "");
  const missing: [Missing, boolean][] = [
    ["name", draft.name.trim() === ""],
    ["files", !hasFiles(draft)],
    ["path", isEmpty(({ path }) => path)],
    ["namespace", isEmpty(({ namespace }) => namespace)],
  ];
  return missing.filter(([, is]) => is).map(([what]) => what);
}

/** The namespace that a look at the files guessed for a field. */
export function guessOf(found: Inspection, path: string): string {
  return found.identities.find((one) => one.path === path)?.namespace ?? "";
}

/** The identities with one more in the first row that is empty, or without it where it is there. */
export function withIdentity(identities: IdentityDraft[], path: string, namespace: string): IdentityDraft[] {
  const at = identities.findIndex((identity) => identity.path === path);
  if (at >= 0) return withoutIdentity(identities, at);
  const free = identities.findIndex((identity) => identity.path.trim() === "");
  if (free < 0) return [...identities, { path, namespace, primary: identities.length === 0 }];
  // What a row without a field has for a namespace was of a field that has gone: a guess for this one goes before it.
  return identities.map((one, index) =>
    index === free ? { ...one, path, namespace: namespace || one.namespace.trim() } : one,
  );
}

/** One with another field. Its namespace follows while it is what is guessed for the field; what somebody typed stays. */
export function withPath(identity: IdentityDraft, path: string, namespaceOf: (path: string) => string): IdentityDraft {
  if (path === identity.path) return identity;
  const isGuess = identity.namespace === "" || identity.namespace === namespaceOf(identity.path);
  return { ...identity, path, namespace: isGuess ? namespaceOf(path) : identity.namespace };
}

/** The identities without one. The first becomes primary where that was it; the last one's row stays, empty. */
export function withoutIdentity(identities: IdentityDraft[], at: number): IdentityDraft[] {
  const left = identities.filter((_, index) => index !== at);
  if (left.length === 0) return [{ path: "", namespace: "", primary: true }];
  const hasPrimary = left.some((identity) => identity.primary);
  return hasPrimary ? left : left.map((identity, index) => ({ ...identity, primary: index === 0 }));
}

export function bodyOf(draft: Draft): Schemas["Dataset"] {
  return {
    name: draft.name.trim(),
    ...(draft.description && { description: draft.description }),
    source: sourceOf(draft),
    identities: draft.identities.map(({ path, namespace, primary }) => ({
      path: path.trim(),
      namespace: namespace.trim(),
      primary,
    })),
    ...(draft.timestamp && { timestamp: draft.timestamp.trim() }),
  };
}

/** The same as a change of what there is: members that were emptied go. */
export function operationsOf(draft: Draft): PatchOperation[] {
  const body = bodyOf(draft);
  return (["name", "source", "identities", "description", "timestamp"] as const).map((member) => ({
    op: "add",
    path: `/${member}`,
    value: body[member] ?? null,
  }));
}
