// Labels, marketing actions, policies and consent policies.

import { queryOptions } from "@tanstack/react-query";
import { answer, api, PAGE_ITEMS, type Schemas } from "./client";
import type {
  ConsentPolicy,
  GovernancePolicy,
  Label,
  LabelExpression,
  MarketingAction,
  PolicyStatus,
} from "./dataShapes";
import type { OnViolation } from "./datasets";
import { Problem } from "./problem";

const BASE = "/data/foundation/dulepolicy";
const CORE_POLICIES = `${BASE}/enabledCorePolicies` as const;
const POLICIES = `${BASE}/policies/custom` as const;
const CONSENT = `${BASE}/consentPolicies` as const;

type Page<T> = { children: T[]; _page: { next?: string | null } };

/** All pages of one of the policy service's lists; there are never very many of these. */
async function all<T>(page: (query: { limit: number; start?: string }) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  let start: string | undefined;
  do {
    const one = await page(start === undefined ? { limit: PAGE_ITEMS } : { limit: PAGE_ITEMS, start });
    items.push(...one.children);
    start = one._page.next ?? undefined;
  } while (start !== undefined && items.length < 10_000);
  return items;
}

export const labelsQuery = queryOptions({
  queryKey: ["labels"],
  queryFn: async (): Promise<Label[]> => {
    const [core, custom] = await Promise.all([
      all((query) => answer(api.GET(`${BASE}/labels/core`, { params: { query } }))),
      all((query) => answer(api.GET(`${BASE}/labels/custom`, { params: { query } }))),
    ]);
    return [
      ...core.map((label) => ({ ...label, isCore: true })),
      ...custom.map((label) => ({ ...label, isCore: false })),
    ];
  },
  staleTime: 30_000,
});

/** Without an etag it is a new one: no label may have its name yet. */
export async function putLabel(label: Schemas["Label"], etag: string | undefined) {
  if (etag === undefined) await mustBeNew(`${BASE}/labels/custom/{id}`, label.name);
  const params = { path: { id: label.name }, header: { "If-Match": etag } };
  return answer(api.PUT(`${BASE}/labels/custom/{id}`, { params, body: label }));
}

export const marketingActionsQuery = queryOptions({
  queryKey: ["marketing-actions"],
  queryFn: async (): Promise<MarketingAction[]> => {
    const [core, custom] = await Promise.all([
      all((query) => answer(api.GET(`${BASE}/marketingActions/core`, { params: { query } }))),
      all((query) => answer(api.GET(`${BASE}/marketingActions/custom`, { params: { query } }))),
    ]);
    return [
      ...core.map((action) => ({ ...action, isCore: true, ref: refOf("core", action.name) })),
      ...custom.map((action) => ({ ...action, isCore: false, ref: refOf("custom", action.name) })),
    ];
  },
  staleTime: 30_000,
});

/** A reference holds wherever the server is reached. */
export function refOf(owner: "core" | "custom", name: string): string {
  return `/dulepolicy/marketingActions/${owner}/${name}`;
}

/** Without an etag it is a new one, as with labels. */
export async function putAction(action: Schemas["MarketingAction"], etag: string | undefined) {
  if (etag === undefined) await mustBeNew(`${BASE}/marketingActions/custom/{id}`, action.name);
  const params = { path: { id: action.name }, header: { "If-Match": etag } };
  return answer(api.PUT(`${BASE}/marketingActions/custom/{id}`, { params, body: action }));
}

/** The API's PUT makes and changes; a form that makes one must not change one that it does not show. */
async function mustBeNew(
  path: `${typeof BASE}/labels/custom/{id}` | `${typeof BASE}/marketingActions/custom/{id}`,
  id: string,
) {
  const isThere = await answer(api.GET(path, { params: { path: { id } } })).then(
    () => true,
    (error: unknown) => {
      if (error instanceof Problem && error.status === 404) return false;
      throw error;
    },
  );
  if (isThere) throw new Problem(409, { detail: `there is already one of the name ${id}` });
}

export function deleteAction(action: MarketingAction) {
  const params = { path: { id: action.name }, header: { "If-Match": action.etag } };
  return answer(api.DELETE(`${BASE}/marketingActions/custom/{id}`, { params }));
}

export const policiesQuery = queryOptions({
  queryKey: ["policies"],
  queryFn: async () => {
    const [core, custom] = await Promise.all([
      all((query) => answer(api.GET(`${BASE}/policies/core`, { params: { query } }))),
      all((query) => answer(api.GET(POLICIES, { params: { query } }))),
    ]);
    return [...core, ...custom] as GovernancePolicy[];
  },
});

/** Core policies are of the product, and can only be switched on and off. */
export function isCore(policy: GovernancePolicy): boolean {
  return policy.imsOrg === "core";
}

/** Switches a core policy: the list of those that are on is read and written as one. */
export async function switchCorePolicy(id: string, isOn: boolean, onViolation: OnViolation) {
  const enabled = await answer(api.GET(CORE_POLICIES, {}));
  const others = enabled.policyIds.filter((one) => one !== id);
  const params = { header: { "If-Match": enabled.etag }, query: { onViolation } };
  return answer(api.PUT(CORE_POLICIES, { params, body: { policyIds: isOn ? [...others, id] : others } }));
}

export type PolicyBody = {
  name: string;
  description: string;
  status: PolicyStatus;
  marketingActionRefs: string[];
  deny: LabelExpression;
};

export function createPolicy(body: PolicyBody, onViolation: OnViolation) {
  return answer(api.POST(POLICIES, { params: { query: { onViolation } }, body }));
}

export function putPolicy(before: GovernancePolicy, body: PolicyBody, onViolation: OnViolation) {
  const params = { path: { id: before.id }, header: { "If-Match": before.etag }, query: { onViolation } };
  return answer(api.PUT(`${POLICIES}/{id}`, { params, body }));
}

export function setPolicyStatus(policy: GovernancePolicy, status: PolicyStatus, onViolation: OnViolation) {
  const params = { path: { id: policy.id }, header: { "If-Match": policy.etag }, query: { onViolation } };
  return answer(api.PATCH(`${POLICIES}/{id}`, { params, body: [{ op: "replace", path: "/status", value: status }] }));
}

export function deletePolicy(policy: GovernancePolicy) {
  const params = { path: { id: policy.id }, header: { "If-Match": policy.etag } };
  return answer(api.DELETE(`${POLICIES}/{id}`, { params }));
}

export const consentPoliciesQuery = queryOptions({
  queryKey: ["consent-policies"],
  queryFn: async () => {
    const found = await all((query) => answer(api.GET(CONSENT, { params: { query } })));
    return found as ConsentPolicy[];
  },
});

export type ConsentBody = Pick<ConsentPolicy, "name" | "description" | "status" | "if" | "then">;

export function createConsentPolicy(body: ConsentBody) {
  return answer(api.POST(CONSENT, { body }));
}

export function putConsentPolicy(before: ConsentPolicy, body: ConsentBody) {
  const params = { path: { id: before.id }, header: { "If-Match": before.etag } };
  return answer(api.PUT(`${CONSENT}/{id}`, { params, body }));
}

export function setConsentStatus(policy: ConsentPolicy, status: PolicyStatus) {
  const params = { path: { id: policy.id }, header: { "If-Match": policy.etag } };
  return answer(api.PATCH(`${CONSENT}/{id}`, { params, body: [{ op: "replace", path: "/status", value: status }] }));
}

export function deleteConsentPolicy(policy: ConsentPolicy) {
  const params = { path: { id: policy.id }, header: { "If-Match": policy.etag } };
  return answer(api.DELETE(`${CONSENT}/{id}`, { params }));
}
