// What policies say of a flow that is not saved yet.

import { answer, api, type Schemas } from "./client";
import { Problem } from "./problem";

export type Named = { id: string; name: string };

export type Lineage = {
  origin: { label: string; dataset: Named; schemaPath?: string; field: string };
  use: { path: string; kind: string; pointer?: string; segment?: Named };
};

export type WayOutStep =
  | { kind: "unmap"; fields: { path: string; pointer: string }[] }
  | { kind: "dropMandatory" | "changeKey"; fields: string[] }
  | { kind: "changeRule"; segment: Named; fields: string[] }
  | { kind: "changeLabels"; dataset: Named; schemaPath?: string; labels: string[] }
  | { kind: "removeSegment"; segment: Named }
  | { kind: "dropActions"; actions: string[] }
  | { kind: "disablePolicy"; policyId: string; policyName: string; owner: string };

export type Violation = {
  policy: { id: string; name: string; description?: string };
  condition: string;
  labels: string[];
  actions: string[];
  segment: Named;
  flow: Named;
  lineage: Lineage[];
  lineageLeftOut?: number;
  waysOut: { steps: WayOutStep[] }[];
};

export type ConsentOfSegment = { segmentId: string; policies: { id: string; name: string; allowed: string }[] };
export type Warning = { field: string; message: string };

export type PolicyCheck = {
  allowed: boolean;
  violations: Violation[];
  violationsTotal?: number;
  consent: ConsentOfSegment[];
  warnings?: Warning[];
};

export async function checkPolicies(flow: Schemas["Flow"]): Promise<PolicyCheck> {
  const checked = await answer(api.POST("/data/foundation/flowservice/flows/policyCheck", { body: flow }));
  return checked as unknown as PolicyCheck;
}

export type WithheldCount = Schemas["Withheld"];
export type WithheldOfSegment = Schemas["SegmentPreview"];
export type Withheld = Schemas["WithheldPreview"];

/** Who would be left out, by segment; nothing where that cannot be told right now. */
export async function countWithheld(flow: Schemas["Flow"]): Promise<Withheld | null> {
  try {
    return await answer(api.POST("/data/foundation/flowservice/flows/withheldPreview", { body: flow }));
  } catch (error) {
    if (error instanceof Problem && error.status === 409) return null;
    throw error;
  }
}
