// What the server itself has: clients, alert subscriptions, schedules, its health.

import { queryOptions } from "@tanstack/react-query";
import type { PatchOperation } from "./accounts";
import { answer, api, listAll, PAGE_ITEMS, type Schemas } from "./client";
import type { Schedule, Subscription } from "./dataShapes";
import { Problem } from "./problem";

const CLIENTS = "/data/foundation/clients";
const SUBSCRIPTIONS = "/data/foundation/alerts/subscriptions";
const SCHEDULES = "/data/core/ups/config/schedules";

export type Client = Schemas["ShownClient"];

export const clientsQuery = queryOptions({
  queryKey: ["clients"],
  queryFn: async () => (await answer(api.GET(CLIENTS, {}))).items,
});

export function createClient(body: Schemas["ClientRequest"]) {
  return answer(api.POST(CLIENTS, { body }));
}

export function rotateSecret(id: string) {
  return answer(api.POST("/data/foundation/clients/{id}/secret", { params: { path: { id } } }));
}

export function deleteClient(id: string) {
  return answer(api.DELETE("/data/foundation/clients/{id}", { params: { path: { id } } }));
}

export const subscriptionsQuery = queryOptions({
  queryKey: ["subscriptions"],
  queryFn: () =>
    listAll<Subscription>((continuationToken) => {
      const query = continuationToken ? { continuationToken } : { limit: PAGE_ITEMS };
      return answer(api.GET(SUBSCRIPTIONS, { params: { query } }));
    }),
});

export function createSubscription(body: Schemas["Subscription"]) {
  return answer(api.POST(SUBSCRIPTIONS, { body }));
}

export function patchSubscription(subscription: Subscription, body: PatchOperation[]) {
  const params = { path: { id: subscription.id }, header: { "If-Match": subscription.etag } };
  return answer(api.PATCH("/data/foundation/alerts/subscriptions/{id}", { params, body }));
}

export function deleteSubscription(subscription: Subscription) {
  const params = { path: { id: subscription.id }, header: { "If-Match": subscription.etag } };
  return answer(api.DELETE("/data/foundation/alerts/subscriptions/{id}", { params }));
}

export const schedulesQuery = queryOptions({
  queryKey: ["schedules"],
  queryFn: async () => {
    const items: Schedule[] = [];
    let start: string | undefined;
    do {
      const query = start === undefined ? { limit: PAGE_ITEMS } : { limit: PAGE_ITEMS, start };
      const page = await answer(api.GET(SCHEDULES, { params: { query } }));
      items.push(...page.children);
      start = (page._page as { next?: string }).next;
    } while (start !== undefined);
    return items;
  },
});

export type ScheduleBody = { name: string; schedule: string; state: string; properties: { segments: string[] } };

export function createSchedule(body: ScheduleBody) {
  return answer(api.POST(SCHEDULES, { body: { ...body, type: "batch_segmentation" } }));
}

export function patchSchedule(schedule: Schedule, body: PatchOperation[]) {
  const params = { path: { id: schedule.id }, header: { "If-Match": schedule.etag } };
  return answer(api.PATCH("/data/core/ups/config/schedules/{id}", { params, body }));
}

export function deleteSchedule(schedule: Schedule) {
  const params = { path: { id: schedule.id }, header: { "If-Match": schedule.etag } };
  return answer(api.DELETE("/data/core/ups/config/schedules/{id}", { params }));
}

/** Whether the server lives and can work; that it cannot is an answer here, not a failure. */
export const healthQuery = queryOptions({
  queryKey: ["health"],
  queryFn: async () => {
    const probe = (call: Promise<unknown>) =>
      call.then(
        () => undefined,
        (error: unknown) => Problem.from(error).message,
      );
    const [live, ready] = await Promise.all([
      probe(answer(api.GET("/healthz", {}))),
      probe(answer(api.GET("/readyz", {}))),
    ]);
    return { live, ready };
  },
  refetchInterval: 15_000,
});
