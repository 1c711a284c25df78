// What openapi.json leaves open about datasets, segments, policies and records: as far as the console reads it.

import type { Schemas } from "./client";

type Refined<T, R> = Omit<T, keyof R> & R;

export type Identity = { path: string; namespace: string; primary?: boolean };

/** A part of a refresh, and how much of it is done. `total` is 0 where nobody knows. */
export type RefreshProgress = { step: string; done: number; total: number; bytesTotal?: number | null };

export type Refresh = {
  state: "queued" | "processing" | "success" | "failed" | "cancelled";
  startedAt?: string;
  endedAt?: string;
  records?: number;
  /** How far it is, once it has gone on for a while. */
  progress?: RefreshProgress | null;
  error?: { message?: string; hint?: string | null; tried?: string | null } | null;
};

export type Dataset = Refined<
  Schemas["ShownDataset"],
  {
    source: { urls: string[]; format?: string };
    identities: Identity[];
    counts?: { records: number; profiles: number; withoutIdentity: number; superseded: number } | null;
    refresh?: Refresh | null;
  }
>;

export type SchemaField = {
  name: string;
  path: string;
  type: string;
  fields?: SchemaField[];
  /** Of profiles: how many have a value, where the snapshot was made with these counts. */
  filled?: number;
};

/** The fields that profiles have, and how many profiles there are. */
export type ProfileFields = { fields: SchemaField[]; profiles?: number };

export type Json = null | boolean | number | string | Json[] | { [member: string]: Json };
export type JsonObject = { [member: string]: Json };

export type FieldLabels = { option: { schemaPath: string }; labels: string[] };
export type LabelPayload = { labels: string[]; optionalLabels: FieldLabels[]; pausedFlows?: Paused[] };
export type DatasetLabels = LabelPayload & { etag: string };
export type Suggestion = Schemas["Suggestion"];

export type Named = { id: string; name: string };

/** One thing to do on a way out of a violation. */
export type WayOutStep =
  | { kind: "unmap"; fields: { path: string; pointer: string }[] }
  | { kind: "dropMandatory" | "changeKey"; fields: string[] }
  | { kind: "changeRule"; segment: Named; fields: string[] }
  | { kind: "changeLabels"; dataset: Named; schemaPath?: string; labels: string[] }
  | { kind: "removeSegment"; segment: Named }
  | { kind: "dropActions"; actions: string[] }
  | { kind: "disablePolicy"; policyId: string; policyName: string; owner: string };

export type Violation = {
  policy: { id: string; name: string; description?: string | null };
  condition: string;
  labels: string[];
  actions: string[];
  segment: Named;
  flow: Named;
  lineage: {
    origin: { label: string; dataset: Named; schemaPath?: string; field: string };
    use: { path: string; kind: "rule" | "mapping" | "mandatory" | "deduplication" | "message" };
  }[];
  lineageLeftOut?: number;
  waysOut: { steps: WayOutStep[] }[];
};

export type Paused = { id: string; name: string };

export type SegmentCounts = {
  realized: number;
  existing: number;
  exited: number;
  profiles: number;
  evaluatedAt: number;
};

export type Definition = Refined<
  Schemas["ShownSegment"],
  {
    expression: { type: "PQL"; format: "pql/text" | "sql/text"; value: string };
    counts?: SegmentCounts | null;
    createdBy?: string;
    updatedBy?: string;
    pausedFlows?: Paused[];
  }
>;

export type SegmentJob = Refined<
  Schemas["SegmentJob"],
  {
    status: "QUEUED" | "PROCESSING" | "SUCCEEDED" | "FAILED" | "CANCELLED";
    errors?: { message?: string; detail?: string }[];
  }
>;

/** A policy's condition: a label or an action, or several joined. */
export type Joined<Leaf> = { operator: "AND" | "OR"; operands: Operands<Leaf>[] };
export type Operands<Leaf> = Leaf | Joined<Leaf>;
export type LabelExpression = Operands<{ label: string }>;
export type PolicyStatus = "DRAFT" | "ENABLED" | "DISABLED";

export type GovernancePolicy = {
  id: string;
  name: string;
  description?: string | null;
  status: PolicyStatus;
  marketingActionRefs: string[];
  deny: LabelExpression;
  imsOrg: string;
  etag?: string;
  updated?: number;
  updatedClient?: string;
};

export type ConsentCondition = Operands<{ marketingActionRef: string } | { label: string }>;
export type ConsentAgreement = Operands<{ path: string; values: string[] }>;

export type ConsentPolicy = {
  id: string;
  name: string;
  description?: string | null;
  status: PolicyStatus;
  if: ConsentCondition;
  then: ConsentAgreement;
  etag: string;
  updated: number;
  updatedClient: string;
};

export type Label = {
  name: string;
  category: string;
  friendlyName?: string | null;
  description?: string | null;
  isCore: boolean;
  etag?: string;
};

export type MarketingAction = {
  name: string;
  friendlyName?: string | null;
  description?: string | null;
  isCore: boolean;
  /** What policies refer to it by. */
  ref: string;
  etag?: string;
};

export type AuditEvent = Refined<Schemas["AuditEvent"], { before?: Json; after?: Json; detail?: Json }>;

export type Departure = Refined<
  Schemas["ShownDeparture"],
  {
    marketingActions?: string[] | null;
    target?: Named | null;
    /** Whether the target said that it has it, where the server tells. */
    confirmed?: boolean | null;
  }
>;

export type Schedule = Refined<Schemas["ShownSchedule"], { properties: { segments: string[] }; state?: string | null }>;

export type Channel = { type: "webhook"; url: string; secret?: string } | { type: "email"; to: string[] | string };
export type Subscription = Refined<Schemas["ShownSubscription"], { channel: Channel }>;
