// Takes the pictures of docs/console.md, into docs/console.

import { mkdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { test } from "vitest";
import { ask, call, datasetId, expectStatus, idOf, segmentId, signIn, specId, visit, withPage, world } from "./browser";
import { fault, furnish } from "./furnish";
import { hands, kinds } from "./wizard";

const page = withPage();
const FOLDER = fileURLToPath(new URL("../../docs/console/", import.meta.url));
const TABLET = { width: 834, height: 1112 };

test("pictures of every page", async () => {
  // Of a mapping that violates a policy no rows are previewed.
  expectStatus(409);
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  await page().goto(`${world.url}/console/sign-in`);
  await page().getByLabel("Client ID").waitFor();
  await picture(page(), "sign-in");
  await furnish();
  await signIn();
  const shown = await pages();
  await take(shown, "");
  await runInProgress();
  await page().emulateMedia({ colorScheme: "dark" });
  await take(
    shown.filter(([name]) => ["destinations", "mapping", "run", "segment"].includes(name)),
    "-dark",
  );
  await page().emulateMedia({ colorScheme: "light" });
  await page().setViewportSize(TABLET);
  await take(
    shown.filter(([name]) => ["overview", "dataset"].includes(name)),
    "-tablet",
  );
});

async function take(shown: Shown[], ending: string) {
  for (const [name, address, prepare] of shown) {
    await visit(address);
    await prepare?.(page());
    await picture(page(), name + ending);
  }
}

/** A slow target gives time to look at a run while it delivers. */
async function runInProgress() {
  const flow = await idOf("flows", "daily-files");
  await fault({ s3: { slowBytesPerSec: 500 } });
  try {
    world.run("flows", "run", "daily-files");
    const going = await ask("GET", `/runs?property=flowId==${flow}&property=state==queued,processing&limit=1`);
    await visit(`/destinations/runs/${going.items[0].id}`);
    await page().getByRole("progressbar").first().waitFor();
    // It asks again and again how far the run is, so that the network is never idle.
    await page().screenshot({ path: `${FOLDER}run-in-progress.png`, animations: "disabled", caret: "hide" });
  } finally {
    await fault({ s3: { slowBytesPerSec: null } });
  }
}

async function picture(of: Page, name: string) {
  await of.mouse.move(0, 0);
  await of.waitForLoadState("networkidle");
  await of.screenshot({ path: `${FOLDER}${name}.png`, animations: "disabled", caret: "hide" });
}

type Shown = [name: string, address: string, prepare?: (page: Page) => Promise<void>];

async function pages(): Promise<Shown[]> {
  return [...(await destinationPages()), ...(await dataPages())];
}

async function destinationPages(): Promise<Shown[]> {
  const [files, stream, account, s3] = await Promise.all([
    idOf("flows", "daily-files"),
    idOf("flows", "live-messages"),
    idOf("connections", "files"),
    specId("Amazon S3"),
  ]);
  const hub = await idOf("flows", "live-events");
  const runs = async (state: string) =>
    (await ask("GET", `/runs?property=flowId==${files}&property=state==${state}&limit=1`)).items[0].id;
  const [run, failed] = await Promise.all([runs("success"), runs("failed")]);
  const activate = `/destinations/activate/${files}`;
  return [
    ["overview", "/destinations"],
    ["catalog", `/destinations/catalog?selected=${s3}`],
    ["destinations", `/destinations/browse?selected=${files}`],
    ["accounts", `/destinations/accounts?selected=${account}`],
    ["account-test", `/destinations/accounts?selected=${account}`, testAccount],
    ["system-view", "/destinations/system-view"],
    ["destination", `/destinations/flows/${files}`],
    ["destination-data", `/destinations/flows/${files}?tab=data`],
    ["stream", `/destinations/flows/${stream}`],
    ["refused-messages", `/destinations/flows/${hub}?tab=letters`],
    ["run", `/destinations/runs/${run}`],
    ["run-failed", `/destinations/runs/${failed}`],
    ["configure", `/destinations/configure/${s3}`],
    ["setup", `/destinations/configure/${s3}?account=${account}`, setUp],
    ["segments-step", `${activate}?step=segments`],
    ["schedule", `${activate}?step=schedule`],
    ["review", `${activate}?step=review`, (on) => on.getByText("No policy is violated").first().waitFor()],
    ["mapping", `${activate}?step=mapping`, mapPhone],
    ["violation", `${activate}?step=review`, (on) => on.getByText("policy violation").first().waitFor()],
  ];
}

/** The steps of a test, each with what came of it. */
async function testAccount(on: Page) {
  await on.getByRole("complementary", { name: "files" }).getByRole("button", { name: "Test" }).click();
  await on.getByRole("dialog").getByText("Sign in").first().waitFor();
}

/** A target for a new destination, with a sample of its first file. */
async function setUp(on: Page) {
  const { fill, button, step } = hands(() => on);
  const next = on.getByRole("button", { name: "Next", exact: true });
  if ((await on.getByRole("heading", { level: 2, name: "Setup", exact: true }).count()) === 0) {
    await button("Connect to destination").or(next).first().click();
    await next.click();
  }
  await step("Setup");
  const target = kinds().find(({ name }) => name === "Amazon S3")?.target ?? [];
  await fill([["Name", "partner-audiences"], ...target]);
}

/** Adds what the policy forbids; the draft keeps it for the next step. */
async function mapPhone(on: Page) {
  const path = "mobilePhone.number";
  const isMapped = await on.getByRole("button", { name: `Remove ${path}` }).count();
  if (isMapped > 0) return;
  await on.getByRole("button", { name: "Add field" }).click();
  await on.getByRole("dialog").getByRole("searchbox").fill(path);
  await on.getByRole("dialog").getByRole("row", { name: path }).click();
  await on.getByRole("button", { name: "Add 1 field" }).click();
  await on.getByRole("button", { name: `Remove ${path}` }).waitFor();
}

async function dataPages(): Promise<Shown[]> {
  const [dataset, segment] = await Promise.all([datasetId(), segmentId("frequent-visitors")]);
  return [
    ["datasets", "/datasets"],
    ["attach-dataset", "/datasets?attach=1"],
    ["dataset", `/datasets/${dataset}?field=${encodeURIComponent("/properties/personalEmail/properties/address")}`],
    ["sample", `/datasets/${dataset}?tab=records`],
    ["segments", "/segments"],
    ["new-segment", "/segments/new"],
    ["segment", `/segments/${segment}`],
    ["membership", `/segments/${segment}?tab=members`],
    ["profile", "/profiles", findSomebody],
    ["policies", "/policies?selected=corepolicy_0003"],
    ["policy", "/policies?ask=create"],
    ["labels", "/policies/labels?selected=C4"],
    ["marketing-actions", "/policies/marketing-actions"],
    ["consent", "/policies/consent"],
    ["suppressions", "/policies/suppressions"],
    ["audit", "/audit", (on) => on.getByRole("gridcell", { name: "Changed" }).first().click()],
    ["clients", "/settings"],
    ["alerts", "/settings/alerts"],
    ["schedules", "/settings/schedules"],
    ["about", "/settings/about"],
    ["no-such-page", "/destinations-of-old"],
  ];
}

async function findSomebody(on: Page) {
  const predicateExpression = 'homeAddress.country = "US" and loyalty.tier = "gold"';
  const { previewId } = await call("POST", "/data/core/ups/preview", { predicateExpression });
  const { results } = await call("GET", `/data/core/ups/preview/${previewId}`);
  await on.getByRole("combobox", { name: "Identity namespace" }).fill("CRMID");
  await on.getByLabel("Identity value").fill(results[0].profile.profileId);
  await on.keyboard.press("Enter");
  await on.getByRole("link", { name: "daily-files" }).first().waitFor();
}
