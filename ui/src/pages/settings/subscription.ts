// What is typed for an alert subscription, and what is sent of it.

import type { PatchOperation } from "../../api/accounts";
import type { Channel, Subscription } from "../../api/dataShapes";

export type SubscriptionDraft = {
  name: string;
  /** None are all. */
  kinds: string[];
  /** Empty for all. */
  flowId: string;
  type: "webhook" | "email";
  url: string;
  secret: string;
  /** One a line. */
  to: string;
};

export function draftOf(subscription: Subscription | undefined): SubscriptionDraft {
  const channel = subscription?.channel;
  return {
    name: subscription?.name ?? "",
    kinds: subscription?.kinds ?? [],
    flowId: subscription?.flowId ?? "",
    type: channel?.type ?? "webhook",
    url: channel?.type === "webhook" ? channel.url : "",
    secret: channel?.type === "webhook" ? (channel.secret ?? "") : "",
    to: channel?.type === "email" ? addressesOf(channel).join("\n") : "",
  };
}

export function addressesOf(channel: Extract<Channel, { type: "email" }>): string[] {
  return Array.isArray(channel.to) ? channel.to : [channel.to];
}

export function channelOf({ type, url, secret, to }: SubscriptionDraft): Channel {
  if (type === "webhook") return { type, url: url.trim(), ...(secret && { secret }) };
  const addresses = to
    .split("\n")
    .map((one) => one.trim())
    .filter((one) => one !== "");
  return { type, to: addresses };
}

export function isWhole(draft: SubscriptionDraft): boolean {
  const channel = channelOf(draft);
  return draft.name.trim() !== "" && (channel.type === "webhook" ? channel.url !== "" : channel.to.length > 0);
}

export function bodyOf(draft: SubscriptionDraft) {
  return {
    name: draft.name.trim(),
    channel: channelOf(draft),
    ...(draft.kinds.length > 0 && { kinds: draft.kinds }),
    ...(draft.flowId && { flowId: draft.flowId }),
  };
}

/** The same as a change. A secret that is still masked is kept by the server. */
export function operationsOf(draft: SubscriptionDraft, before: Subscription): PatchOperation[] {
  const all: PatchOperation[] = [
    { op: "add", path: "/name", value: draft.name.trim() },
    { op: "add", path: "/channel", value: channelOf(draft) },
  ];
  for (const [member, value] of [
    ["kinds", draft.kinds.length > 0 ? draft.kinds : undefined],
    ["flowId", draft.flowId || undefined],
  ] as const) {
    if (value !== undefined) all.push({ op: "add", path: `/${member}`, value });
    else if (before[member] !== undefined && before[member] !== null) all.push({ op: "remove", path: `/${member}` });
  }
  return all;
}
