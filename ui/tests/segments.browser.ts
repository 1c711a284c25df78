import { expect, test } from "vitest";
import { call, expectComplaint, expectStatus, segmentId, signIn, visit, withPage } from "./browser";

const page = withPage();
const button = (name: string | RegExp) => page().getByRole("button", { name });
const text = () => page().getByRole("textbox", { name: "Text" });

async function chooseField(at: number, path: string) {
  const field = page().getByRole("combobox", { name: "Field" }).nth(at);
  await field.fill(path);
  await page().getByRole("option", { name: path }).first().click();
}

test("a rule is built of conditions and groups, and its text is the same rule", async () => {
  await signIn("/segments/new");
  await page()
    .getByLabel(/^Name\b/)
    .fill("built");
  await button("Add condition").click();
  await chooseField(0, "homeAddress.country");
  await page().getByRole("textbox", { name: "Value" }).fill("US");
  await button("Add group").click();
  await chooseField(1, "loyalty.points");
  await page().getByRole("textbox", { name: "Value" }).nth(1).fill("100");
  await expect.poll(() => text().inputValue()).toBe('homeAddress.country = "US" and loyalty.points = 100');
  await button("Not").nth(1).click();
  await expect.poll(() => text().inputValue()).toBe('homeAddress.country = "US" and not loyalty.points = 100');

  // The other way around; what the builder cannot show stays text, with the reason.
  await text().fill(
    'loyalty.tier in ["gold", "silver"] or lifetimeValue * 2 > 900 or lastPurchaseDate occurs <= 90 days before now',
  );
  await page().getByText("The builder does not show arithmetic.").waitFor();
  expect(await page().getByRole("textbox", { name: "Value 2" }).inputValue()).toBe("silver");
  expect(await page().getByRole("textbox", { name: "How many" }).inputValue()).toBe("90");
  await button("Remove value 1").click();
  await expect
    .poll(() => text().inputValue())
    .toBe('loyalty.tier in ["silver"] or lifetimeValue * 2 > 900 or lastPurchaseDate occurs <= 90 days before now');

  await text().fill("loyalty.tier = ");
  await page().getByText("The builder shows the rule again once it can be read.").waitFor();
  expect(await button("Save").isDisabled()).toBe(true);
  await text().fill('loyalty.tier = "silver"');
  await button("Estimate").click();
  await page().getByText("of 5,000 profiles").waitFor();
  await button("Save").click();
  await page().getByRole("heading", { name: "built", level: 1 }).waitFor();

  // A page that is about to go may still ask for the segment that was just deleted.
  expectComplaint(/status of 404 .*\/segment\/definitions\//);
  await button("Evaluate now").click();
  await page().getByRole("link", { name: "Membership" }).click();
  await page().getByRole("img", { name: "Members at the last 1 evaluation" }).waitFor();
  await button("More actions").click();
  await page().getByRole("menuitem", { name: "Delete segment" }).click();
  await page().getByRole("dialog").getByRole("button", { name: "Delete segment" }).click();
  await page().getByRole("heading", { name: "Segments", level: 1 }).waitFor();
  await page().getByRole("link", { name: "built" }).waitFor({ state: "detached" });
});

test("what the server finds wrong with a rule is said at the rule", async () => {
  expectStatus(400);
  await signIn("/segments/new");
  await text().fill("loyalty.pints > 100");
  await button("Estimate").click();
  await page().getByText("did you mean `loyalty.points`?").waitFor();
});

test("a change of somebody else is seen before it is lost", async () => {
  expectStatus(412);
  const id = await segmentId("big-spenders");
  const path = `/data/core/ups/segment/definitions/${id}`;
  await signIn();
  await visit(`/segments/${id}`);
  await page().getByLabel("Description").fill("mine");
  await call("PATCH", path, { description: "theirs" });
  await button("Save").click();
  await page().getByText("changed this segment meanwhile").waitFor();
  await button("Load anew").click();
  expect(await page().getByLabel("Description").inputValue()).toBe("theirs");
  await page().getByLabel("Description").fill("mine");
  await button("Save").click();
  await expect.poll(async () => (await call("GET", path)).description).toBe("mine");
});

test("where a segment flows, and that it cannot be deleted while it does", async () => {
  expectStatus(409);
  const id = await segmentId("gold-us");
  await signIn();
  await visit(`/segments/${id}?tab=flows`);
  await page().getByRole("link", { name: "daily-files" }).waitFor();
  await button("More actions").click();
  await page().getByRole("menuitem", { name: "Delete segment" }).click();
  const dialog = page().getByRole("dialog");
  await dialog.getByRole("button", { name: "Delete segment" }).click();
  await dialog.getByText("Delete segment: this did not work.").waitFor();
});
