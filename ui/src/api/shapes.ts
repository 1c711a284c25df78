// What openapi.json leaves open, since it is JSON of the connectors' or of the flows' own: as far as the console reads it.

import type { JsonSchema, Values } from "../parts/schema";
import type { Schemas } from "./client";

type Refined<T, R> = Omit<T, keyof R> & R;

export type Spec = Refined<
  Schemas["ConnectionSpec"],
  {
    attributes: {
      description: string;
      category: string;
      connectionType: string;
      connector?: string;
      isDestination?: boolean;
      isSource?: boolean;
      isBatch?: boolean;
      flowSpecId?: string;
      guide?: string;
      /** An SVG drawing. */
      icon?: string;
    };
    authSpec: { name: string; type: string; spec: JsonSchema }[];
    encryptionSpecs: { name: string; type: string; spec: Record<string, JsonSchema[keyof JsonSchema]> }[];
    targetSpec?: { name: string; type: string; spec: JsonSchema };
  }
>;

export type Account = Refined<
  Schemas["ShownConnection"],
  { auth?: { specName: string; params: Values } | null; state?: string }
>;

export type Target = Refined<
  Schemas["ShownTargetConnection"],
  { params: Values & { csvOptions?: unknown }; policy?: Policy | null }
>;

export type Policy = { enforcementRefs?: string[] };

export type Schedule = {
  frequency: string;
  triggerType?: string;
  startDate?: string;
  endDate?: string;
  startTime?: string;
};

export type SegmentSelector = {
  type: string;
  value: {
    id: string;
    name?: string;
    filenameTemplate?: string;
    exportMode?: string;
    schedule?: Schedule;
    createTime?: number;
  };
};

export type ProfileSelector = {
  type: string;
  value: { path: string; operator?: string; mapping?: { source?: string; destination?: string } };
};

export type Transform = {
  name: string;
  params: {
    segmentSelectors?: { selectors: SegmentSelector[] };
    profileSelectors?: { selectors: ProfileSelector[] };
    mandatoryFields?: string[];
    primaryFields?: { fieldType: string; attributePath?: string; namespace?: string; [member: string]: unknown }[];
    streaming?: { triggers?: Record<string, boolean>; rewrites?: boolean; coalesce?: boolean };
  };
};

export type Fault = { class?: string; message?: string; tried?: string | null; hint?: string | null };

export type StreamStatus = {
  state: "idle" | "deriving" | "sending" | "throttled" | "blocked" | "disabled";
  since?: string;
  sequence?: number;
  messages: number;
  pending: number;
  waiting: number;
  leftOut: number;
  letters: number;
  lettersForgotten: number;
  fault?: Fault | null;
  nextTryAt?: string | null;
};

export type LastRun = { id: string; state: string; startedAtUTC?: number; completedAtUTC?: number };

type Reference = { id: string; connectionSpec: { id: string } };

export type Flow = Refined<
  Schemas["ShownFlow"],
  {
    state: string;
    transformations?: Transform[] | null;
    policy?: Policy | null;
    lastRunDetails?: LastRun | null;
    streamStatus?: StreamStatus | null;
    pause?: { reason: string; at: string; violations?: { policyId: string }[] } | null;
    inheritedAttributes: { targetConnections?: (Reference & { baseConnection?: Reference })[] };
  }
>;

export type RunState = "queued" | "processing" | "success" | "failed" | "cancelled";

export type Balance = {
  profilesRead: number;
  notSelected: number;
  profilesSelected: number;
  excluded: Record<string, number>;
  duplicates: number;
  profilesWritten: number;
  failed: number;
  rowsWritten: number;
};

export type RunFile = { name: string; url: string; rows: number; bytes: number; sha256: string };

export type Verification = {
  state: "queued" | "processing" | "success" | "failed" | (string & {});
  endedAt?: string;
  error?: Fault | null;
  files?: { name: string; matches: boolean; problem?: string }[];
};

export type Run = Refined<
  Schemas["Run"],
  {
    state: RunState;
    flowName?: string;
    startedAt?: string;
    queuedAt?: string;
    /** Of a run that waits to be tried again. */
    nextAttemptAt?: string | null;
    evaluationId?: string | null;
    error?: Fault | null;
    files?: RunFile[] | null;
    verification?: Verification | null;
    attempts?: {
      number: number;
      worker: string;
      startedAt: string;
      endedAt?: string;
      outcome?: string;
      error?: Fault;
    }[];
    counts?: Record<string, number> | null;
    metrics: {
      durationSummary: { startedAtUTC?: number; completedAtUTC?: number };
      sizeSummary: { outputBytes?: number };
      recordSummary: { inputRecordCount?: number; outputRecordCount?: number; balance?: Balance };
      fileSummary: { outputFileCount?: number };
    };
  }
>;

/** What the event stream of a run tells. */
export type Progress = {
  state: RunState;
  step: string;
  profilesTotal: number;
  profilesRead: number;
  rowsWritten: number;
  bytesWritten: number;
  rowsPerSec: number;
  bytesPerSec: number;
  secsLeft: number | null;
  updatedAt: string;
};

export type Segment = Schemas["ShownSegment"];
