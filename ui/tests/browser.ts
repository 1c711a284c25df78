// A browser, and what every test expects of a page: no error, and nothing asked of another host.

import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject } from "vitest";

export const world = inject("world");
export const at = (path: string) => `${world.url}/console${path}`;
const ACTION_MILLIS_MAX = 10_000;

let browser: Browser;
let context: BrowserContext;
let page: Page;
let complaints: string[];
let expected: RegExp[];

/** Every test of the file gets a page of its own, with nobody signed in. */
export function withPage() {
  beforeAll(async () => {
    const executablePath = process.env.OUTFLOW_CHROMIUM ?? "/usr/bin/chromium";
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    complaints = [];
    expected = [];
    context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    page = await context.newPage();
    page.setDefaultTimeout(ACTION_MILLIS_MAX);
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(message.text());
    });
    page.on("request", (request) => {
      const isOwn = [world.url, "data:", "blob:"].some((start) => request.url().startsWith(start));
      if (!isOwn) complaints.push(`asked ${request.url()}`);
    });
  });
  afterEach(async () => {
    const left = complaints.filter((complaint) => !expected.some((one) => one.test(complaint)));
    await context.close();
    expect(left).toEqual([]);
  });
  return () => page;
}

/** The browser complains of answers of this status, which the test is about. */
export function expectStatus(...statuses: number[]) {
  for (const status of statuses) expected.push(new RegExp(`status of ${status}\\b`));
}

/** Signs in and goes to a page. */
export async function signIn(path = "/destinations/catalog") {
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
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.getByRole("status", { name: "Loading" }).waitFor({ state: "detached" });
}

/** What axe finds wrong with the page. */
export async function barriers(): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 200)}`));
}

/** Asks the API without the browser. */
export async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${world.url}/data/foundation/flowservice${path}`, {
    method,
    headers: { authorization: `Bearer ${world.token}`, "content-type": "application/json", ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  // biome-ignore lint/suspicious/noExplicitAny: answers of all kinds, looked into by the tests
  return (await response.json()) as any;
}

export async function idOf(noun: "flows" | "connections", name: string): Promise<string> {
  return (await ask("GET", `/${noun}?property=name==${name}`)).items[0].id;
}
