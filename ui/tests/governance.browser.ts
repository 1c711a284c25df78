import { expect, test } from "vitest";
import { call, expectStatus, signIn, visit, withPage } from "./browser";

const page = withPage();
const button = (name: string | RegExp) => page().getByRole("button", { name });
const dialog = () => page().getByRole("dialog");
const POLICIES = "/data/foundation/dulepolicy/policies/custom";

test("a policy is written as text or built, and both are the same", async () => {
  await signIn("/policies?ask=create");
  await dialog()
    .getByLabel(/^Name\b/)
    .fill("No science with contracts");
  const text = dialog().getByLabel("Denied where, as text");
  await text.fill("C1 AND (C3 OR");
  await dialog().getByText("Column 14: a label or ( must stand here").waitFor();
  await text.fill("C1 AND (C3 OR C7)");
  expect(await dialog().getByRole("combobox", { name: "Label" }).count()).toBe(3);
  await dialog().getByRole("button", { name: "Remove", exact: true }).nth(1).click();
  expect(await text.inputValue()).toBe("C1 AND C7");
  await dialog().getByText("Data Science", { exact: true }).click();
  await dialog().getByRole("button", { name: "Save" }).click();
  await dialog().waitFor({ state: "detached" });
  const [policy] = (await call("GET", POLICIES)).children;
  expect(policy).toMatchObject({
    name: "No science with contracts",
    status: "DRAFT",
    deny: { operator: "AND", operands: [{ label: "C1" }, { label: "C7" }] },
  });

  await page().getByRole("row", { name: "No science with contracts" }).locator("label").click();
  await expect.poll(async () => (await call("GET", POLICIES)).children[0].status).toBe("ENABLED");
  await button("Actions for No science with contracts").click();
  await page().getByRole("menuitem", { name: "Delete" }).click();
  await dialog().getByRole("button", { name: "Delete" }).click();
  await expect.poll(async () => (await call("GET", POLICIES)).children).toEqual([]);
});

test("a core policy is switched on and off", async () => {
  const enabled = () =>
    call("GET", "/data/foundation/dulepolicy/enabledCorePolicies").then(({ policyIds }) => policyIds);
  await signIn("/policies");
  const row = page().getByRole("row", { name: "Restrict data science" });
  await row.locator("label").click();
  await expect.poll(enabled).toContain("corepolicy_0008");
  await row.getByText("Enabled").waitFor();
  await row.locator("label").click();
  await expect.poll(enabled).not.toContain("corepolicy_0008");
});

test("labels and marketing actions of one's own", async () => {
  // Before one is made it is asked whether there is one of that name.
  expectStatus(404);
  await signIn("/policies/labels?ask=create");
  await dialog()
    .getByLabel(/^Name\b/)
    .fill("vip");
  await dialog().getByLabel("Meaning").fill("For offers to the best");
  await dialog().getByRole("button", { name: "Save" }).click();
  await page().getByRole("row", { name: /vip/ }).waitFor();
  await page().getByRole("link", { name: "Marketing actions" }).click();
  await button("Create marketing action").click();
  await dialog()
    .getByLabel(/^Name\b/)
    .fill("offers");
  await dialog().getByRole("button", { name: "Save" }).click();
  await button("Actions for offers").click();
  await page().getByRole("menuitem", { name: "Delete" }).click();
  await dialog().getByRole("button", { name: "Delete" }).click();
  await button("Actions for offers").waitFor({ state: "detached" });
});

test("a consent policy says whom it would let through", async () => {
  await signIn("/policies/consent?ask=create");
  await dialog()
    .getByLabel(/^Name\b/)
    .fill("Email consent");
  await dialog().getByRole("button", { name: "Marketing action" }).last().click();
  await page().getByRole("option", { name: "Email Targeting" }).click();
  await dialog().getByRole("combobox", { name: "Field" }).fill("consents.marketing.email.val");
  await page().getByRole("option", { name: "consents.marketing.email.val" }).click();
  await dialog().getByLabel("Values, with commas between them").fill("y, dy");
  await dialog().getByRole("button", { name: "Estimate who agrees" }).click();
  await dialog()
    .getByText(/of 5,000 profiles/)
    .waitFor();
  await dialog().getByRole("button", { name: "Save" }).click();
  await button("Actions for Email consent").click();
  await page().getByRole("menuitem", { name: "Delete" }).click();
  await dialog().getByRole("button", { name: "Delete" }).click();
  await page().getByText("No consent policies yet").waitFor();
});

test("one person: where their data went, kept out of exports and let in again, and never in an address", async () => {
  const { results } = await call("GET", `/data/core/ups/preview/${await preview()}`);
  const id = results[0].profile.profileId;
  await signIn("/profiles");
  await page().getByRole("combobox", { name: "Identity namespace" }).fill("CRMID");
  await page().getByLabel("Identity value").fill(id);
  await page().keyboard.press("Enter");
  await page().getByText("1 profile has this identity").waitFor();
  await page().getByRole("link", { name: "daily-files" }).first().waitFor();
  expect(page().url()).not.toContain(id);

  await button("Keep out of all exports").click();
  await dialog().getByLabel("Reason").fill("asked for it");
  await dialog().getByRole("button", { name: "Keep out of all exports" }).click();
  await dialog().waitFor({ state: "detached" });
  await visit("/policies/suppressions");
  await page().getByText("asked for it").waitFor();
  await button(/^Actions for /).click();
  await page().getByRole("menuitem", { name: "Let be exported again" }).click();
  await dialog().getByRole("button", { name: "Let be exported again" }).click();
  await page().getByText("Nobody is kept out of exports").waitFor();
});

/** A question for somebody who was in a file. */
async function preview(): Promise<string> {
  const predicateExpression = 'homeAddress.country = "US" and loyalty.tier = "gold"';
  return (await call("POST", "/data/core/ups/preview", { predicateExpression })).previewId;
}
