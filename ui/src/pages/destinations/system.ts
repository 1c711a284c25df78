// The workspace as a tree of platforms, accounts and destinations, and where its nodes are drawn.

import type { Account, Spec } from "../../api/shapes";
import type { Volume } from "./volumes";
import type { Destination, Workspace } from "./workspace";

export type SystemFlow = { destination: Destination; volume: Volume | undefined };
export type SystemAccount = { account: Account; flows: SystemFlow[] };
export type SystemPlatform = { spec: Spec; accounts: SystemAccount[] };
export type System = { platforms: SystemPlatform[] };

/** Platforms that have accounts, in the order of their names. */
export function systemOf(workspace: Workspace, volumes: Map<string, Volume>): System {
  const byName = <T extends { name: string }>(items: T[]) => [...items].sort((a, b) => a.name.localeCompare(b.name));
  const flowsOf = (account: Account) =>
    workspace.destinations
      .filter((destination) => destination.account?.id === account.id)
      .sort((a, b) => a.flow.name.localeCompare(b.flow.name))
      .map((destination) => ({ destination, volume: volumes.get(destination.flow.id) }));
  const platforms = byName(workspace.specs).map((spec) => ({
    spec,
    accounts: byName(workspace.accounts.filter((account) => account.connectionSpec.id === spec.id)).map((account) => ({
      account,
      flows: flowsOf(account),
    })),
  }));
  return { platforms: platforms.filter((platform) => platform.accounts.length > 0) };
}

export const NODE = { width: 256, height: 48, gapX: 76, gapY: 14 };

export type Place = { x: number; y: number };
export type Picture = {
  width: number;
  height: number;
  platforms: (Place & { platform: SystemPlatform })[];
  accounts: (Place & { account: SystemAccount; spec: Spec })[];
  flows: (Place & { flow: SystemFlow })[];
  edges: { id: string; from: Place; to: Place; flow?: SystemFlow }[];
};

/** Lays the tree out from the left to the right; a parent stands at the middle of its children. */
export function pictureOf(system: System): Picture {
  const step = NODE.height + NODE.gapY;
  const column = (depth: number) => depth * (NODE.width + NODE.gapX);
  const picture: Picture = {
    width: column(2) + NODE.width,
    height: 0,
    platforms: [],
    accounts: [],
    flows: [],
    edges: [],
  };
  let row = 0;
  for (const platform of system.platforms) {
    const accounts = platform.accounts.map((account) => {
      const rows = account.flows.map((flow) => {
        const place = { x: column(2), y: step * row++ };
        picture.flows.push({ ...place, flow });
        return { place, flow };
      });
      // An account that nothing uses has a row of its own.
      const y = rows.length > 0 ? middle(rows.map(({ place }) => place.y)) : step * row++;
      const place = { x: column(1), y };
      picture.accounts.push({ ...place, account, spec: platform.spec });
      for (const { place: to, flow } of rows)
        picture.edges.push({ id: flow.destination.flow.id, from: place, to, flow });
      return { place, id: account.account.id };
    });
    const place = { x: column(0), y: middle(accounts.map((account) => account.place.y)) };
    picture.platforms.push({ ...place, platform });
    for (const { place: to, id } of accounts) picture.edges.push({ id, from: place, to });
  }
  picture.height = Math.max(NODE.height, step * row - NODE.gapY);
  return picture;
}

function middle(values: number[]): number {
  return (Math.min(...values) + Math.max(...values)) / 2;
}

/** How thick a line is, in pixels: by the logarithm of what went along it, for volumes differ by millions. */
export function strokeOf(volume: Volume | undefined): number {
  return 1.5 + Math.min(6, Math.log10(1 + (volume?.rows ?? 0)) * 0.9);
}
