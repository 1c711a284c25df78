// The workspace's objects joined: each flow with its platform, account and target.

import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { accountsQuery } from "../../api/accounts";
import { flowsQuery } from "../../api/flows";
import { POLL_MILLIS } from "../../api/queries";
import type { Account, Flow, Spec, Target } from "../../api/shapes";
import { specsQuery } from "../../api/specs";
import { targetsQuery } from "../../api/targets";
import { destinations as words } from "../../strings/en/destinations";

export type Destination = { flow: Flow; spec?: Spec; account?: Account; target?: Target };

export type Workspace = {
  /** Kinds of destinations, without sources. */
  specs: Spec[];
  accounts: Account[];
  destinations: Destination[];
  hasMore: boolean;
};

/** Everything of the workspace, asked for again while somebody looks. */
export function useWorkspace(): UseQueryResult<Workspace> {
  const specs = useQuery(specsQuery);
  const accounts = useQuery({ ...accountsQuery, refetchInterval: 4 * POLL_MILLIS });
  const targets = useQuery({ ...targetsQuery, refetchInterval: 4 * POLL_MILLIS });
  const flows = useQuery({ ...flowsQuery, refetchInterval: POLL_MILLIS });
  const all = [specs, accounts, targets, flows] as const;
  const failed = all.find((query) => query.isError && query.data === undefined);
  const isThere = specs.data && accounts.data && targets.data && flows.data;
  const data = isThere
    ? {
        specs: specs.data.filter((spec) => spec.attributes.isDestination),
        accounts: accounts.data.items,
        destinations: join(flows.data.items, specs.data, accounts.data.items, targets.data.items),
        hasMore: flows.data.hasMore || accounts.data.hasMore,
      }
    : undefined;
  const refetch = () => Promise.all(all.map((query) => query.refetch()));
  return { ...flows, data, error: failed?.error ?? null, isError: failed !== undefined, refetch } as never;
}

export function join(flows: Flow[], specs: Spec[], accounts: Account[], targets: Target[]): Destination[] {
  const [specById, accountById, targetById] = [byId(specs), byId(accounts), byId(targets)];
  return flows.map((flow) => {
    const reference = flow.inheritedAttributes.targetConnections?.[0];
    return {
      flow,
      spec: specById.get(reference?.connectionSpec.id ?? ""),
      account: accountById.get(reference?.baseConnection?.id ?? ""),
      target: targetById.get(flow.targetConnectionIds[0] ?? ""),
    };
  });
}

function byId<T extends { id: string }>(items: T[]): Map<string, T> {
  return new Map(items.map((item) => [item.id, item]));
}

/** The segments that a flow activates. */
export function segmentsOf(flow: Flow) {
  return flow.transformations?.[0]?.params.segmentSelectors?.selectors ?? [];
}

/** Whom an account signs in as. */
export function userOf(account: Account | undefined): string | undefined {
  const params = account?.auth?.params ?? {};
  const names = ["username", "userName", "s3AccessKey", "accessKeyId", "sasKeyName", "roleArn"];
  const found = names.map((name) => params[name]).find((value) => value !== undefined && value !== "");
  return found === undefined ? undefined : String(found);
}

/** How an account signs in, in words. */
export function wayOf(account: Account | undefined): string | undefined {
  return account?.auth ? wayName(account.auth.specName) : undefined;
}

export function wayName(specName: string): string {
  return words.accounts.ways[specName] ?? specName;
}

const TRIGGERS = ["segmentation", "attributes", "identities"];

/** What sends a message in a flow to a stream, in words; nothing of a flow of files. */
export function triggersOf({ flow, spec }: Destination): string[] {
  if (spec === undefined || spec.attributes.isBatch) return [];
  const said = flow.transformations?.[0]?.params.streaming?.triggers ?? {};
  return TRIGGERS.filter((trigger) => said[trigger] !== false).map(
    (trigger) => words.details.triggerNames[trigger] ?? trigger,
  );
}

/** Where a destination delivers, in one line. */
export function placeOf({ target }: Destination): string {
  const params = target?.params ?? {};
  const parts = ["bucketName", "path", "remotePath", "folder", "stream", "eventHubName"].map((name) => params[name]);
  return parts.filter((part) => part !== undefined && part !== "").join(" / ");
}
