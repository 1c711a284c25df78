// Takes the pictures of docs/console.md, into docs/console.

import { mkdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { test } from "vitest";
import { ask, call, datasetId, idOf, segmentId, signIn, specId, visit, withPage, world } from "./browser";

const page = withPage();
const FOLDER = fileURLToPath(new URL("../../docs/console/", import.meta.url));
const BASE = "/data/foundation";

test("pictures of every page", async () => {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  await page().goto(`${world.url}/console/sign-in`);
  await page().getByLabel("Client ID").waitFor();
  await picture(page(), "sign-in");
  await furnish();
  await signIn();
  for (const [name, address, prepare] of await pages()) {
    await visit(address);
    await prepare?.(page());
    await picture(page(), name);
  }
  await page().emulateMedia({ colorScheme: "dark" });
  const dark = ["destinations", "mapping", "run", "segment"];
  for (const [name, address, prepare] of (await pages()).filter(([name]) => dark.includes(name))) {
    await visit(address);
    await prepare?.(page());
    await picture(page(), `${name}-dark`);
  }
});

async function picture(of: Page, name: string) {
  await of.mouse.move(0, 0);
  await of.waitForLoadState("networkidle");
  await of.screenshot({ path: `${FOLDER}${name}.png`, animations: "disabled", caret: "hide" });
}

/** What a server in use would have beside the tests' own objects. */
async function furnish() {
  const dataset = await datasetId();
  const field = (schemaPath: string, label: string) => ({ option: { schemaPath }, labels: [label] });
  const optionalLabels = [
    field("/properties/personalEmail/properties/address", "I1"),
    field("/properties/person/properties/gender", "S1"),
    field("/properties/mobilePhone/properties/number", "C4"),
  ];
  await call("POST", `${BASE}/dataset/datasets/${dataset}/labels`, { optionalLabels });
  await call("PUT", `${BASE}/dulepolicy/enabledCorePolicies`, { policyIds: ["corepolicy_0003"] });
  const flow = (await ask("GET", `/flows/${await idOf("flows", "daily-files")}`)).items[0];
  const policy = { enforcementRefs: ["/dulepolicy/marketingActions/core/emailTargeting"] };
  await ask("PATCH", `/flows/${flow.id}`, [{ op: "add", path: "/policy", value: policy }], { "if-match": flow.etag });
  for (let times = 0; times < 4; times += 1) world.run("flows", "run", "daily-files", "--watch");
  world.run("segments", "evaluate");
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
  const run = (await ask("GET", `/runs?property=flowId==${files}&limit=1`)).items[0].id;
  const activate = `/destinations/activate/${files}`;
  return [
    ["overview", "/destinations"],
    ["catalog", `/destinations/catalog?selected=${s3}`],
    ["destinations", `/destinations/browse?selected=${files}`],
    ["accounts", `/destinations/accounts?selected=${account}`],
    ["system-view", "/destinations/system-view"],
    ["destination", `/destinations/flows/${files}`],
    ["destination-data", `/destinations/flows/${files}?tab=data`],
    ["stream", `/destinations/flows/${stream}`],
    ["run", `/destinations/runs/${run}`],
    ["configure", `/destinations/configure/${s3}`],
    ["segments-step", `${activate}?step=segments`],
    ["schedule", `${activate}?step=schedule`],
    ["mapping", `${activate}?step=mapping`, mapPhone],
    ["violation", `${activate}?step=review`, (on) => on.getByText("policy violation").first().waitFor()],
  ];
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
  const [dataset, segment] = await Promise.all([datasetId(), segmentId("gold-us")]);
  return [
    ["datasets", "/datasets"],
    ["dataset", `/datasets/${dataset}?field=${encodeURIComponent("/properties/personalEmail/properties/address")}`],
    ["sample", `/datasets/${dataset}?tab=records`],
    ["segments", "/segments"],
    ["new-segment", "/segments/new"],
    ["segment", `/segments/${segment}`],
    ["membership", `/segments/${segment}?tab=members`],
    ["profile", "/profiles", findSomebody],
    ["policies", "/policies?selected=corepolicy_0003"],
    ["labels", "/policies/labels"],
    ["marketing-actions", "/policies/marketing-actions"],
    ["consent", "/policies/consent"],
    ["suppressions", "/policies/suppressions"],
    ["audit", "/audit", (on) => on.getByRole("gridcell", { name: "Changed" }).first().click()],
    ["clients", "/settings"],
    ["alerts", "/settings/alerts"],
    ["schedules", "/settings/schedules"],
    ["about", "/settings/about"],
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
