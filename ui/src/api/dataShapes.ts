// Names by which pages know the answers about datasets, segments, policies and people, as openapi.json describes them.

import type { Schemas } from "./client";

type Refined<T, R> = Omit<T, keyof R> & R;

export type Identity = Schemas["DatasetIdentity"];
export type RefreshProgress = Schemas["RefreshProgress"];
export type Refresh = Schemas["Refresh"];
export type Dataset = Schemas["ShownDataset"];
export type SchemaField = Schemas["FieldNode"];
/** A page that reads no profiles does not know how many there are. */
export type ProfileFields = Pick<Schemas["ProfileFields"], "fields"> & Partial<Schemas["ProfileFields"]>;

/** Records hold what their files hold: nothing more than JSON can be said of it. */
export type Json = null | boolean | number | string | Json[] | { [member: string]: Json };
export type JsonObject = { [member: string]: Json };

export type Inspection = Refined<Schemas["Inspection"], { records: JsonObject[] }>;

export type FieldLabels = Schemas["FieldLabels"];
/** With the etag, which stands in a header of the answer; lists that are missing are empty. */
export type DatasetLabels = { labels: string[]; optionalLabels: FieldLabels[]; etag: string };
export type Suggestion = Schemas["Suggestion"];

export type Named = Schemas["EntityName"];
export type WayOutStep = Schemas["WayOutStep"];
export type Violation = Schemas["ShownViolation"];
export type Paused = Pick<Schemas["PausedFlow"], "id" | "name">;

export type SegmentCounts = Schemas["SegmentCounts"];
export type Definition = Schemas["ShownSegment"];
export type SegmentJob = Schemas["SegmentJob"];

/** A policy's condition: a label or an action, or several joined. */
export type Joined<Leaf> = { operator: Schemas["Operator"]; operands: Operands<Leaf>[] };
export type Operands<Leaf> = Leaf | Joined<Leaf>;
/** The described ones have no name for a leaf, which pages walk and change. */
export type LabelExpression = Operands<{ label: string }>;
export type PolicyStatus = Schemas["PolicyStatus"];

/** Core policies have no etag and nobody who changed them; all are shown with a status. */
export type GovernancePolicy = Refined<Schemas["ShownPolicy"], { status: PolicyStatus; deny: LabelExpression }> &
  Partial<Pick<Schemas["CustomPolicy"], "etag" | "updated" | "updatedClient">>;

export type ConsentCondition = Operands<{ marketingActionRef: string } | { label: string }>;
export type ConsentAgreement = Operands<{ path: string; values: string[] }>;
/** As it is shown, with a status. */
export type ConsentPolicy = Refined<
  Schemas["ShownConsentPolicy"],
  { status: PolicyStatus; if: ConsentCondition; then: ConsentAgreement }
>;

/** Core and custom ones on one list. */
export type Label = {
  name: string;
  category: string;
  friendlyName?: string | null;
  description?: string | null;
  isCore: boolean;
  etag?: string;
};

/** Core and custom ones on one list. */
export type MarketingAction = {
  name: string;
  friendlyName?: string | null;
  description?: string | null;
  isCore: boolean;
  /** What policies and destinations refer to it by. */
  ref: string;
  etag?: string;
};

/** What an object was is JSON of any kind. */
export type AuditEvent = Refined<Schemas["AuditEvent"], { before?: Json; after?: Json; detail?: Json }>;

export type Departure = Schemas["ShownDeparture"];
export type Schedule = Schemas["ShownSchedule"];
export type Channel = Schemas["AlertChannel"];
export type Subscription = Schemas["ShownSubscription"];
