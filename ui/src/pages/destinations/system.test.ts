import { expect, test } from "vitest";
import { NODE, pictureOf, strokeOf, systemOf } from "./system";
import type { Workspace } from "./workspace";

const spec = (name: string) => ({ id: name, name });
const account = (name: string, of: string) => ({ id: name, name, connectionSpec: { id: of } });
const flow = (name: string, of: string) => ({ flow: { id: name, name }, account: { id: of } });

const workspace = {
  specs: [spec("SFTP"), spec("Amazon S3"), spec("Kinesis")],
  accounts: [account("b", "SFTP"), account("a", "SFTP"), account("s3", "Amazon S3")],
  destinations: [flow("f2", "a"), flow("f1", "a")],
} as unknown as Workspace;

test("platforms with accounts in the order of names, also accounts that nothing uses", () => {
  const system = systemOf(workspace, new Map());
  const names = system.platforms.map(({ spec, accounts }) => [
    spec.name,
    accounts.map(({ account, flows }) => [account.name, flows.map((one) => one.destination.flow.name)]),
  ]);
  expect(names).toEqual([
    ["Amazon S3", [["s3", []]]],
    [
      "SFTP",
      [
        ["a", ["f1", "f2"]],
        ["b", []],
      ],
    ],
  ]);
});

test("no two nodes of a column overlap, and a parent is between its children", () => {
  const picture = pictureOf(systemOf(workspace, new Map()));
  for (const column of [picture.platforms, picture.accounts, picture.flows]) {
    const tops = column.map((node) => node.y).sort((a, b) => a - b);
    for (const [index, top] of tops.entries()) {
      if (index > 0) expect(top - (tops[index - 1] ?? 0)).toBeGreaterThanOrEqual(NODE.height);
    }
  }
  expect(picture.accounts.find((node) => node.account.account.name === "a")?.y).toBe(
    picture.flows.reduce((sum, node) => sum + node.y, 0) / 2,
  );
  expect(picture.edges).toHaveLength(5);
  expect(strokeOf(undefined)).toBeLessThan(strokeOf({ runs: 1, rows: 1e6, bytes: 0, failed: 0, running: 0 }));
});
