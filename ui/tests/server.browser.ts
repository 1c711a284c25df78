import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { call, signIn, withPage } from "./browser";

const page = withPage();
const button = (name: string | RegExp) => page().getByRole("button", { name });
const dialog = () => page().getByRole("dialog");

test("who changed what, with what was before; the log is checked and taken along", async () => {
  const { segments } = await call("GET", "/data/core/ups/segment/definitions?property=name==gold-us");
  await call("PATCH", `/data/core/ups/segment/definitions/${segments[0].id}`, { description: "Gold in the US" });
  await signIn("/audit");
  await button(/Kind$/).click();
  await page().getByRole("option", { name: "Segment", exact: true }).click();
  await expect.poll(() => page().url()).toContain("noun=segment");
  await page().getByRole("gridcell", { name: "Changed" }).first().click();
  const rail = page().getByRole("complementary");
  await rail.getByRole("region", { name: "What changed" }).getByText("Gold in the US").waitFor();

  await button("Check the log").click();
  await dialog().getByRole("button", { name: "Check the log" }).click();
  await dialog()
    .getByText(/^Intact: /)
    .waitFor();
  await dialog().getByRole("button", { name: "Close" }).click();
  const [download] = await Promise.all([page().waitForEvent("download"), button("Export").click()]);
  expect(download.suggestedFilename()).toMatch(/\.ndjson$/);
  const lines = (await readFile(await download.path(), "utf8")).trim().split("\n");
  expect(new Set(lines.map((line) => JSON.parse(line).noun))).toEqual(new Set(["segment"]));
});

test("a client's secret is shown once, and again only as a new one", async () => {
  await signIn("/settings");
  await button("Create client").click();
  await dialog().getByLabel("Client ID").fill("reporting");
  await dialog().getByRole("button", { name: "Create client" }).click();
  await dialog().getByText("Copy it now").waitFor();
  const secret = await dialog().locator("code").textContent();
  expect(secret?.length).toBeGreaterThan(20);
  await page().keyboard.press("Escape");
  await dialog().getByRole("button", { name: "I have copied it" }).click();
  await button("Actions for reporting").click();
  await page().getByRole("menuitem", { name: "New secret" }).click();
  await dialog().getByRole("button", { name: "New secret" }).click();
  await dialog().getByText("Copy it now").waitFor();
  expect(await dialog().locator("code").textContent()).not.toBe(secret);
  await dialog().getByRole("button", { name: "I have copied it" }).click();
  await button("Actions for reporting").click();
  await page().getByRole("menuitem", { name: "Delete" }).click();
  await dialog().getByRole("button", { name: "Delete client" }).click();
  await button("Actions for reporting").waitFor({ state: "detached" });
});

test("alert subscriptions and schedules", async () => {
  await signIn("/settings/alerts?ask=create");
  await dialog()
    .getByLabel(/^Name\b/)
    .fill("ops");
  await dialog().getByText("Run failed", { exact: true }).click();
  await dialog().getByLabel("URL").fill("https://hooks.example.com/outflow");
  await dialog().getByRole("button", { name: "Subscribe" }).click();
  await button("Actions for ops").click();
  await page().getByRole("menuitem", { name: "Edit" }).click();
  await dialog().getByText("Run failed", { exact: true }).click();
  await dialog().getByRole("button", { name: "Save" }).click();
  await page().getByRole("row", { name: /ops/ }).getByText("Everything").waitFor();
  await button("Actions for ops").click();
  await page().getByRole("menuitem", { name: "Unsubscribe" }).click();
  await dialog().getByRole("button", { name: "Unsubscribe" }).click();
  await page().getByText("No subscriptions yet").waitFor();

  await page().getByRole("link", { name: "Schedules" }).click();
  await page().getByText("Every day at 00:00").waitFor();
  const toggle = page().getByRole("switch", { name: "Activate Daily evaluation" });
  await toggle.click({ force: true });
  await page().getByText("Inactive").waitFor();
  await toggle.click({ force: true });
  await page().getByText("Active", { exact: true }).waitFor();
});
