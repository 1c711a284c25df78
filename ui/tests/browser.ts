// A browser, and what every test expects of a page: no error, and nothing asked of another host.

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { CHROMIUM, startWorld, type World } from "./world";

/** What this file's browser meets. */
export let world: World;
export const at = (path: string) => `${world.url}/console${path}`;

/** Where pictures of pages are kept whose tests fail. */
const PICTURES = fileURLToPath(new URL("../../.outflow-dev/browser", import.meta.url));

/** An action that cannot be done within this has failed; it is no claim about how fast it should be. */
const ACTION_MILLIS_MAX = 60_000;

let browser: Browser;
let context: BrowserContext;
let page: Page;
let endWorld: (() => void) | undefined;
let complaints: string[];
let expected: RegExp[];

/** Every test of the file gets a page of its own, with nobody signed in. */
export function withPage() {
  beforeAll(async () => {
    const args = ["--no-sandbox", "--disable-dev-shm-usage"];
    [browser, [world, endWorld]] = await Promise.all([
      chromium.launch({ executablePath: CHROMIUM, args }),
      startWorld(),
    ]);
  });
  afterAll(async () => {
    await browser?.close();
    endWorld?.();
  });
  beforeEach(async () => {
    complaints = [];
    expected = [];
    context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    page = await context.newPage();
    page.setDefaultTimeout(ACTION_MILLIS_MAX);
    page.on("pageerror", (error) => complaints.push(String(error)));
    // What the content security policy forbids is told here, too.
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(`${message.text()} ${message.location().url}`);
    });
    page.on("request", (request) => {
      const isOwn = [`${world.url}/`, "data:", "blob:"].some((start) => request.url().startsWith(start));
      if (!isOwn) complaints.push(`asked ${request.url()}`);
    });
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await keepPicture(task.name);
    const left = complaints.filter((complaint) => !expected.some((one) => one.test(complaint)));
    await context.close();
    expect(left).toEqual([]);
  });
  return () => page;
}

/** How the page looked when a test failed, and where. */
async function keepPicture(test: string) {
  const path = join(PICTURES, `${test.replace(/\W+/g, "-").slice(0, 80)}.png`);
  await page.screenshot({ path }).catch(() => undefined);
  complaints.push(`${page.url()} is shown in ${path}`);
}

/** The browser complains of answers of this status, which the test is about. */
export function expectStatus(...statuses: number[]) {
  for (const status of statuses) expected.push(new RegExp(`status of ${status}\\b`));
}

/** Something else that the browser will say. */
export function expectComplaint(complaint: RegExp) {
  expected.push(complaint);
}

/** Goes to a page as `admin`, who has signed in before. */
export async function signIn(path = "/destinations/catalog") {
  const answer = await context.request.post(`${world.url}/console/session`, {
    data: { clientId: "admin", clientSecret: world.secret },
    headers: { "x-outflow-console": "1" },
  });
  expect(answer.ok()).toBe(true);
  await page.goto(at(path));
  await page.getByRole("navigation", { name: "Main" }).waitFor();
}

/** Goes to a page, is asked to sign in, and does. */
export async function signInByForm(path: string) {
  // Nobody is signed in at first, and that is how the page finds out.
  expectStatus(401, 403);
  await page.goto(at(path));
  await page.getByLabel("Client ID").fill("admin");
  await page.getByLabel("Client secret").fill(world.secret);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("navigation", { name: "Main" }).waitFor();
}

/** Goes to a page by its address, as from a bookmark, and waits until it stands. */
export async function visit(path: string) {
  await page.goto(at(path));
  await stands();
}

/** Waits until the page has what it loads. */
export async function stands() {
  await page.locator("h1, [role=dialog] h2, [role=dialog] [slot=title]").first().waitFor();
  await page.getByRole("status", { name: "Loading" }).first().waitFor({ state: "detached" });
}

/** What axe finds wrong with the page, but for what React Aria says aloud for seconds about a button that was busy. */
export async function barriers(): Promise<string[]> {
  // What fades in has colours of its own until it is there.
  await page.evaluate(() => {
    const fading = document.getAnimations().filter((one) => one.effect?.getComputedTiming().endTime !== Infinity);
    return Promise.allSettled(fading.map((one) => one.finished)).then(() => undefined);
  });
  // Legacy is what axe calls leaving out frames of other origins, of which there are none; it spares opening a page.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  const spoken = /^role-img-alt: <div role="img" aria-labelledby="react-aria/;
  const found = violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 200)}`));
  return found.filter((barrier) => !spoken.test(barrier));
}

/** Asks the API of flows without the browser. */
export async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  return call(method, `/data/foundation/flowservice${path}`, body, headers);
}

/** Asks the API without the browser. */
export async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(world.url + path, {
    method,
    headers: { authorization: `Bearer ${world.token}`, "content-type": "application/json", ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  // biome-ignore lint/suspicious/noExplicitAny: answers of all kinds, looked into by the tests
  return (text === "" ? undefined : JSON.parse(text)) as any;
}

export async function idOf(noun: "flows" | "connections", name: string): Promise<string> {
  return (await ask("GET", `/${noun}?property=name==${name}`)).items[0].id;
}

export async function specId(name: string): Promise<string> {
  const { items } = await ask("GET", "/connectionSpecs");
  return items.find((spec: { name: string }) => spec.name.includes(name)).id;
}

export async function datasetId(): Promise<string> {
  return (await call("GET", "/data/foundation/datasets?property=name==customers")).items[0].id;
}

export async function segmentId(name: string): Promise<string> {
  return (await call("GET", `/data/core/ups/segment/definitions?property=name==${name}`)).segments[0].id;
}
