// What is typed for a dataset, and what is sent of it.

import type { PatchOperation } from "../../api/accounts";
import type { Schemas } from "../../api/client";
import type { Dataset } from "../../api/dataShapes";

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

export function isWhole(draft: Draft): boolean {
  const known = draft.identities.every(({ path, namespace }) => path.trim() !== "" && namespace.trim() !== "");
  return draft.name.trim() !== "" && urlsOf(draft).length > 0 && draft.identities.length > 0 && known;
}

export function bodyOf(draft: Draft): Schemas["Dataset"] {
  return {
    name: draft.name.trim(),
    ...(draft.description && { description: draft.description }),
    source: { urls: urlsOf(draft), ...(draft.format && { format: draft.format }) },
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
