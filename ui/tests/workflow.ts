// From signing in to a destination that is activated, with a wrong secret first: what the tests of files and those of
// messages share.

import type { Page } from "playwright-core";
import { expect } from "vitest";
import { ask, barriers, expectStatus, idOf, signInByForm, specId, world } from "./browser";
import { hands, kinds } from "./wizard";

/** Goes through both wizards and returns the flow as the server has it then. */
export async function setUp(page: () => Page, name: string, middle: () => Promise<void>) {
  const kind = kinds().find((one) => one.name === name);
  if (!kind) throw new Error(`no destinations are called ${name}`);
  const { button, step, next, fieldOf, fill, tick, addField } = hands(page);
  expectStatus(400);
  await signInByForm(`/destinations/configure/${await specId(name)}`);
  await page().getByText("New account", { exact: true }).click();
  await fill([["Account name", `${name} in the browser`], ...kind.account, [kind.secret.label, kind.secret.wrong]]);
  await button("Connect to destination").click();
  if (name === "SFTP") {
    const dialog = page().getByRole("dialog", { name: "Is this your server?" });
    await dialog.waitFor();
    expect(await dialog.textContent()).toContain(world.sshd.hostKey);
    await dialog.getByRole("button", { name: "Approve key and connect" }).click();
  }
  await page().getByText("Connect to destination: this did not work.").waitFor();
  expect(await (await fieldOf(kind.secret.label)).getAttribute("aria-invalid")).toBe("true");
  expect(await button("Next").isDisabled()).toBe(true);
  await fill([[kind.secret.label, kind.secret.right]]);
  await button("Connect to destination").click();
  await page().getByText("Connected", { exact: true }).waitFor();
  expect(await barriers()).toEqual([]);
  await next();

  await step("Setup");
  await fill([["Name", `${name} by browser`], ...kind.target]);
  await page().getByText("Data Science", { exact: true }).click();
  expect(await barriers()).toEqual([]);
  await button("Create destination").click();
  await page().getByText(`${name} by browser is created`).waitFor();
  await page().getByRole("link", { name: "Next" }).click();

  await step("Select segments");
  await tick("Select All");
  await page().getByText("2 segments selected").waitFor();
  await next();
  await middle();
  await step("Mapping");
  await addField("homeAddress.country");
  await page().getByRole("region", { name: "Preview" }).first().waitFor();
  await next();
  await step("Review");
  await page().getByText("No policy is violated").waitFor();
  expect(await barriers()).toEqual([]);
  await button("Finish").click();
  await page().getByText(`${name} by browser is activated`).waitFor();

  const flow = (await ask("GET", `/flows/${await idOf("flows", `${name} by browser`)}`)).items[0];
  expect(flow.policy.enforcementRefs).toEqual(["/dulepolicy/marketingActions/core/dataScience"]);
  const { params } = flow.transformations[0];
  expect(params.segmentSelectors.selectors).toHaveLength(2);
  expect(pathsOf(params).at(-1)).toBe("homeAddress.country");
  return flow;
}

/** The paths that a flow maps, in order. */
export function pathsOf(params: { profileSelectors: { selectors: { value: { path: string } }[] } }): string[] {
  return params.profileSelectors.selectors.map(({ value }) => value.path);
}

/** Changes the flow's description, disables it, enables it and deletes it, all on its page. */
export async function editAndDelete(page: () => Page, flow: { id: string; name: string }) {
  const { button } = hands(page);
  const dialog = page().getByRole("dialog");
  const menu = async (entry: string) => {
    await button(`Actions of ${flow.name}`).click();
    await page().getByRole("menuitem", { name: entry, exact: true }).click();
  };
  const now = async () => (await ask("GET", `/flows/${flow.id}`)).items[0];
  await menu("Edit name and description");
  await dialog.getByRole("textbox", { name: "Description" }).fill("Seen by a browser");
  await dialog.getByRole("button", { name: "Save" }).click();
  await page().getByText(`${flow.name} is saved`).waitFor();
  expect((await now()).description).toBe("Seen by a browser");
  await menu("Disable");
  await page().getByRole("alertdialog").or(dialog).getByRole("button", { name: "Confirm" }).click();
  await expect.poll(async () => (await now()).state).toBe("disabled");
  await menu("Enable");
  await expect.poll(async () => (await now()).state).toBe("enabled");
  await menu("Delete");
  await page().getByRole("alertdialog").or(dialog).getByRole("button", { name: "Delete" }).click();
  await page().getByRole("heading", { name: "Destinations", level: 1 }).waitFor();
  expect((await ask("GET", `/flows?property=name==${encodeURIComponent(flow.name)}`)).items).toEqual([]);
}
