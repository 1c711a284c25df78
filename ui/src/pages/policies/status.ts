import type { GovernancePolicy, PolicyStatus } from "../../api/dataShapes";
import { isCore } from "../../api/governance";

/** A policy of the product that was never switched on is a draft to the API; nobody drafts it, and here it is off. */
export function statusOf(policy: GovernancePolicy): PolicyStatus {
  return isCore(policy) && policy.status === "DRAFT" ? "DISABLED" : policy.status;
}
