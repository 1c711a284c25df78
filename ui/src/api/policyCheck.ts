// What policies say of a flow that is not saved yet.

import { queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "./client";
import { Problem } from "./problem";
import type { Flow } from "./shapes";

export type ConsentOfSegment = Schemas["SegmentConsent"];
export type Warning = Schemas["Problem"];
export type PolicyCheck = Schemas["PolicyCheck"];

export async function checkPolicies(flow: Schemas["Flow"]): Promise<PolicyCheck> {
  return answer(api.POST("/data/foundation/flowservice/flows/policyCheck", { body: flow }));
}

/** What policies say of a flow as it is saved. */
export const flowCheckQuery = (flow: Flow) =>
  queryOptions({
    queryKey: ["flows", flow.id, "policyCheck", flow.etag],
    queryFn: () => checkPolicies(flow as never),
    retry: false,
  });

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
