// What policies say of a flow that is not saved yet.

import { queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "./client";
import type { Named, Violation } from "./dataShapes";
import { Problem } from "./problem";
import type { Flow } from "./shapes";

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

/** What policies say of a flow as it is saved. */
export const flowCheckQuery = (flow: Flow) =>
  queryOptions({
    queryKey: ["flows", flow.id, "policyCheck", flow.etag],
    queryFn: () => checkPolicies(flow as never),
    retry: false,
  });

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
