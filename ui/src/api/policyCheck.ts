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

export type WithheldCount = { profiles: number; low: number; high: number };
export type WithheldOfSegment = {
  segmentId: string;
  evaluated: boolean;
  members: number;
  read: number;
  suppressed: WithheldCount;
  consent: (WithheldCount & Named)[];
  all: WithheldCount;
};
export type Withheld = { segments: WithheldOfSegment[]; segmentsLeftOut: number };

/** Who would be left out, by segment; nothing where the server cannot tell, or no segment is evaluated yet. */
export async function countWithheld(flow: Schemas["Flow"]): Promise<Withheld | null> {
  // Servers before this operation take the address for a flow's and answer that this is no way to ask.
  const path = "/data/foundation/flowservice/flows/withheldPreview" as "/data/foundation/flowservice/flows/policyCheck";
  try {
    return (await answer(api.POST(path, { body: flow }))) as unknown as Withheld;
  } catch (error) {
    if (error instanceof Problem && [404, 405, 409].includes(error.status)) return null;
    throw error;
  }
}
