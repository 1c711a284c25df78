// Names by which pages know what flows are made of, as openapi.json describes it. What it leaves open is described here,
// as far as the console reads it: forms, which are JSON Schema; what is typed into them, which is the connectors' own; and
// what a flow activates, which is kept as clients sent it.

import type { JsonSchema, Values } from "../parts/schema";
import type { Schemas } from "./client";

type Refined<T, R> = Omit<T, keyof R> & R;

type Form = Refined<Schemas["SpecForm"], { spec: JsonSchema }>;

export type Spec = Refined<
  Schemas["ConnectionSpec"],
  {
    authSpec: Refined<Schemas["AuthSpec"], { spec: JsonSchema }>[];
    encryptionSpecs: Refined<Form, { spec: Record<string, JsonSchema[keyof JsonSchema]> }>[];
    targetSpec?: Form | null;
  }
>;

export type Account = Refined<
  Schemas["ShownConnection"],
  { auth?: { specName: string; params: Values } | null; state?: string }
>;

export type Target = Refined<Schemas["ShownTargetConnection"], { params: Values & { csvOptions?: unknown } }>;

export type Policy = Schemas["Enforcement"];

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

export type Fault = Schemas["ShownFault"];
export type StreamStatus = Schemas["StreamStatus"];
export type LastRun = Schemas["LastRun"];

/** Flows are shown with a state. */
export type Flow = Refined<Schemas["ShownFlow"], { state: string; transformations?: Transform[] | null }>;

export type RunState = Schemas["RunState"];
export type Balance = Schemas["Balance"];
export type RunFile = Schemas["RunFile"];
export type Verification = Schemas["Verification"];
export type Run = Schemas["Run"];

/** What the event stream of a run tells: openapi.json does not describe the events of streams. */
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
