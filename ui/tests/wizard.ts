// What tests of the wizards share: the four kinds of destinations with what practice targets take, and the keyboard.

import type { Page } from "playwright-core";
import { ask, barriers, world } from "./browser";

export type Kind = {
  name: string;
  isBatch: boolean;
  /** The fields of a new account, by label, with a wrong secret first. */
  account: [label: string, value: string][];
  secret: { label: string; wrong: string; right: string };
  target: [label: string, value: string][];
};

export function kinds(): Kind[] {
  const { s3, sftp, kinesis, eventHubs } = world.practice;
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
        ["Domain", sftp.host],
        ["Port", String(sftp.port)],
        ["User name", sftp.user],
      ],
      secret: { label: "Password", wrong: "wrong", right: sftp.password },
      target: [["Remote path", sftp.folder]],
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
        ["Endpoint URL", eventHubs.endpoint.replace("sb://", "amqp://")],
      ],
      secret: { label: "SAS key", wrong: "d3Jvbmc=", right: policy?.key ?? "" },
      target: [["Event hub name", eventHubs.hub]],
    },
  ];
}

export async function specId(name: string): Promise<string> {
  const { items } = await ask("GET", "/connectionSpecs");
  return items.find((spec: { name: string }) => spec.name.includes(name)).id;
}

/** What axe finds, but for what React Aria says aloud for some seconds about a button that is not busy any more. */
export async function barred(page: Page): Promise<string[]> {
  // What fades in has colours of its own until it is there.
  await page.evaluate(() => {
    const fading = document.getAnimations().filter((one) => one.effect?.getComputedTiming().endTime !== Infinity);
    return Promise.allSettled(fading.map((one) => one.finished)).then(() => undefined);
  });
  const spoken = /^role-img-alt: <div role="img" aria-labelledby="react-aria/;
  return (await barriers()).filter((barrier) => !spoken.test(barrier));
}

/** Presses Tab until the focus is on what has this name, as people do who use no mouse. */
export async function tabTo(page: Page, name: string | RegExp, role?: string): Promise<void> {
  const TABS_MAX = 120;
  for (let tabs = 0; tabs < TABS_MAX; tabs += 1) {
    await page.keyboard.press("Tab");
    const focused = page.locator("*:focus");
    if ((await focused.count()) === 0) continue;
    const target = role ? page.getByRole(role as "button", { name }) : page.getByLabel(name);
    const isIt = await focused.and(target).count();
    if (isIt > 0) return;
  }
  throw new Error(`the keyboard does not reach ${name}`);
}
