// What tests of the wizards share: the four kinds of destinations with what the targets take, and the keyboard.

import type { Page } from "playwright-core";
import { expect } from "vitest";
import { barriers, world } from "./browser";

export type Kind = {
  name: string;
  isBatch: boolean;
  /** The fields of a new account, by label, with a wrong secret first. */
  account: [label: string, value: string][];
  secret: { label: string; wrong: string; right: string };
  target: [label: string, value: string][];
};

export function kinds(): Kind[] {
  const { sshd } = world;
  const { s3, kinesis, eventHubs } = world.practice;
  const policy = eventHubs.policies.find(({ rights }) => rights.length === 1 && rights[0] === "Send");
  return [
    {
      name: "Amazon S3",
      isBatch: true,
      account: [
        ["S3 access key", s3.accessKeyId],
        ["Endpoint", s3.endpoint],
        ["Region", s3.region],
      ],
      secret: { label: "S3 secret key", wrong: "w".repeat(40), right: s3.secretAccessKey },
      target: [
        ["Bucket name", s3.bucket],
        ["Path", "browser/%SEGMENT_NAME%"],
      ],
    },
    {
      name: "SFTP",
      isBatch: true,
      account: [
        ["Domain", sshd.host],
        ["Port", String(sshd.port)],
        ["User name", sshd.user],
      ],
      secret: { label: "Password", wrong: "wrong", right: sshd.password },
      target: [["Remote path", "/upload/console"]],
    },
    {
      name: "Amazon Kinesis",
      isBatch: false,
      account: [
        ["Access key ID", kinesis.accessKeyId],
        ["Region", kinesis.region],
        ["Endpoint URL", kinesis.endpoint],
      ],
      secret: { label: "Secret key", wrong: "w".repeat(40), right: kinesis.secretAccessKey },
      target: [["Stream", kinesis.stream]],
    },
    {
      name: "Azure Event Hubs",
      isBatch: false,
      account: [
        ["SAS key name", policy?.name ?? ""],
        ["Namespace", "practice"],
        ["Endpoint URL", eventHubs.endpoint],
      ],
      secret: { label: "SAS key", wrong: "d3Jvbmc=", right: policy?.key ?? "" },
      target: [["Event hub name", eventHubs.hub]],
    },
  ];
}

/** Presses Tab until the focus is on what has this name, as people do who use no mouse; without a role, on a field to type
 * into: a picker's name begins with what is chosen. */
export async function tabTo(page: Page, name: string | RegExp, role?: string): Promise<void> {
  const TABS_MAX = 120;
  for (let tabs = 0; tabs < TABS_MAX; tabs += 1) {
    await page.keyboard.press("Tab");
    const focused = page.locator("*:focus");
    if ((await focused.count()) === 0) continue;
    const target = role
      ? page.getByRole(role as "button", { name })
      : page.getByLabel(name).and(page.locator("input, textarea"));
    const isIt = await focused.and(target).count();
    if (isIt > 0) return;
  }
  throw new Error(`the keyboard does not reach ${name}`);
}

/** What is done with the wizards by mouse, on the page that the test has. */
export function hands(page: () => Page) {
  const button = (name: string | RegExp) => page().getByRole("button", { name, exact: typeof name === "string" });
  const step = (name: string) => page().getByRole("heading", { level: 2, name, exact: true }).waitFor();
  const next = () => button("Next").click();
  const input = (label: string) =>
    page()
      .getByLabel(label, { exact: true })
      .or(page().getByLabel(`${label}(required)`));
  /** The field with this label, which may say that it is required. */
  const fieldOf = async (label: string) => {
    const one = page().locator("label", { hasText: new RegExp(`^${label}\\s*\\*?$`) });
    return page().locator(`[id="${await one.first().getAttribute("for")}"]`);
  };
  const fill = async (pairs: [string, string][]) => {
    for (const [label, value] of pairs) await (await fieldOf(label)).fill(value);
  };
  /** A checkbox without words beside it. */
  const tick = (name: string) => page().locator(`label:has(input[aria-label="${name}"])`).click();
  const addField = async (path: string) => {
    await button("Add field").click();
    const dialog = page().getByRole("dialog");
    await dialog.getByRole("searchbox").fill(path);
    expect(await barriers()).toEqual([]);
    await dialog.getByRole("row", { name: path }).click();
    await dialog.getByRole("button", { name: "Add 1 field" }).click();
    await button(`Remove ${path}`).waitFor();
  };
  return { button, step, next, input, fieldOf, fill, tick, addField };
}
