// What the wizard gathers, and what of it is sent.

import type { Schemas } from "../../api/client";
import type { Spec } from "../../api/shapes";
import { type JsonSchema, sentValues, type Values } from "../../parts/schema";

export type FileChoices = {
  fileType: string;
  compression: string;
  rowsPerFile?: number;
  csvOptions: {
    delimiter: string;
    quote: string;
    escape: string;
    nullValue: string;
    emptyValue: string;
    lineEnding: string;
  };
};

export type ConfigureDraft = {
  isNewAccount: boolean;
  /** The account that is chosen, or was made. */
  accountId?: string;
  /** The account that was tried, and works. */
  connectedId?: string;
  authSpec: string;
  accountName: string;
  accountDescription: string;
  params: Values;
  publicKey: string;
  name: string;
  description: string;
  /** References of marketing actions. */
  actions: string[];
  target: Values;
  files: FileChoices;
};

export function startDraft(spec: Spec, hasAccounts: boolean): ConfigureDraft {
  return {
    isNewAccount: !hasAccounts,
    authSpec: spec.authSpec[0]?.name ?? "",
    accountName: spec.name,
    accountDescription: "",
    params: {},
    publicKey: "",
    name: "",
    description: "",
    actions: [],
    target: {},
    files: {
      fileType: "CSV",
      compression: "NONE",
      csvOptions: { delimiter: ",", quote: '"', escape: "", nullValue: "", emptyValue: '""', lineEnding: "LF" },
    },
  };
}

/** Without passwords and keys: these are not kept in the browser. */
export function withoutSecrets(draft: ConfigureDraft, schemas: JsonSchema[]): ConfigureDraft {
  const isSecret = (name: string) => schemas.some((schema) => schema.properties?.[name]?.format === "password");
  const params = Object.fromEntries(Object.entries(draft.params).filter(([name]) => !isSecret(name)));
  return { ...draft, params };
}

export function accountBody(spec: Spec, draft: ConfigureDraft): Schemas["Connection"] {
  const { accountName, accountDescription, authSpec, params, publicKey } = draft;
  const properties = spec.authSpec.find((auth) => auth.name === authSpec)?.spec.properties ?? {};
  // Another account type may have been filled in before; its fields are kept for it and not sent.
  const own = Object.fromEntries(Object.entries(params).filter(([name]) => name in properties));
  return {
    name: accountName.trim(),
    ...(accountDescription !== "" && { description: accountDescription }),
    connectionSpec: { id: spec.id, version: spec.version },
    auth: { specName: authSpec, params: sentValues(own) },
    ...(publicKey !== "" && {
      encryption: { specName: "File Encryption", params: { encryptionAlgo: "PGP/GPG", publicKey } },
    }),
  } as Schemas["Connection"];
}

export function targetBody(spec: Spec, draft: ConfigureDraft, accountId: string): Schemas["TargetConnection"] {
  return {
    name: draft.name.trim(),
    ...(draft.description !== "" && { description: draft.description }),
    baseConnectionId: accountId,
    connectionSpec: { id: spec.id, version: spec.version },
    params: spec.attributes.isBatch
      ? { mode: "Server-to-server", ...sentValues(draft.target), ...fileParams(draft.files) }
      : sentValues(draft.target),
  };
}

function fileParams({ fileType, compression, rowsPerFile, csvOptions }: FileChoices) {
  return {
    fileType,
    compression,
    ...(rowsPerFile !== undefined && { rowsPerFile }),
    ...(fileType === "CSV" && { csvOptions }),
  };
}

export function flowBody(spec: Spec, draft: ConfigureDraft, source: string, target: string): Schemas["Flow"] {
  return {
    name: draft.name.trim(),
    ...(draft.description !== "" && { description: draft.description }),
    flowSpec: { id: spec.attributes.flowSpecId ?? "", version: "1.0" },
    sourceConnectionIds: [source],
    targetConnectionIds: [target],
    transformations: [
      {
        name: "GeneralTransform",
        params: { profileSelectors: { selectors: [] }, segmentSelectors: { selectors: [] } },
      },
    ],
    ...(draft.actions.length > 0 && { policy: { enforcementRefs: draft.actions } }),
  } as Schemas["Flow"];
}
