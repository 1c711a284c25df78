import { expect, test } from "vitest";
import { call, datasetId, expectStatus, signIn, visit, withPage } from "./browser";

const page = withPage();
const EMAIL = "/properties/personalEmail/properties/address";
const labelsOf = async (id: string) => call("GET", `/data/foundation/dataset/datasets/${id}/labels`);
const button = (name: string | RegExp) => page().getByRole("button", { name });

test("suggested labels are accepted, and what has them is hidden in the sample until somebody asks", async () => {
  const id = await datasetId();
  await signIn();
  await visit(`/datasets/${id}`);
  await button("Accept I1 for personalEmail.address").click();
  await button("Accept I1 for personalEmail.address").waitFor({ state: "detached" });
  await page().getByRole("row", { name: "personalEmail.address" }).getByText("I1", { exact: true }).waitFor();
  expect((await labelsOf(id)).optionalLabels).toEqual([{ option: { schemaPath: EMAIL }, labels: ["I1"] }]);

  await page().getByRole("link", { name: "Sample" }).click();
  await page().getByRole("columnheader", { name: "personalEmail.address" }).waitFor();
  expect(
    await page()
      .getByText(/@(shop\.)?example\./)
      .count(),
  ).toBe(0);
  await button("Show values of personalEmail.address").click();
  expect(
    await page()
      .getByText(/@(shop\.)?example\./)
      .count(),
  ).toBeGreaterThan(0);
  await button("Hide them again").click();
  expect(
    await page()
      .getByText(/@(shop\.)?example\./)
      .count(),
  ).toBe(0);
});

test("labels are set by keyboard in the tree, and inside of a field they are inherited", async () => {
  const id = await datasetId();
  await signIn();
  await visit(`/datasets/${id}`);
  await page().getByRole("row", { name: "Whole dataset" }).focus();
  // What the keyboard goes to is chosen.
  for (let row = 0; row < 3; row += 1) await page().keyboard.press("ArrowDown");
  await page().getByRole("heading", { name: "person", level: 2 }).waitFor();
  await page().getByText(/^C9 ·/).click();
  await button("Save labels").click();
  await page().getByRole("row", { name: "person.gender" }).getByTitle("from person").waitFor();
  await page().getByText(/^C9 ·/).click();
  await button("Save labels").click();
  await page().getByRole("row", { name: "person.gender" }).getByTitle("from person").waitFor({ state: "detached" });
});

test("a label that destinations would violate is not saved, or saved with them paused", async () => {
  expectStatus(409);
  const id = await datasetId();
  await signIn();
  await visit(`/datasets/${id}?field=${encodeURIComponent(EMAIL)}`);
  const before = (await labelsOf(id)).optionalLabels ?? [];
  await page()
    .getByText(/^C12 ·/)
    .click();
  await button("Save labels").click();
  const dialog = page().getByRole("dialog");
  await dialog.getByText("In the destination daily-files, with the segment gold-us").waitFor();
  await dialog.getByRole("radio", { name: "List" }).first().click();
  await dialog
    .getByRole("row", { name: /^customers personalEmail.address \(C12\) Mapping gold-us daily-files/ })
    .waitFor();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  expect((await labelsOf(id)).optionalLabels ?? []).toEqual(before);

  await button("Save labels").click();
  await dialog.getByRole("button", { name: "Save and pause 2 destinations" }).click();
  await dialog.waitFor({ state: "detached" });
  const flows = () => call("GET", "/data/foundation/flowservice/flows").then(({ items }) => items);
  for (const flow of await flows()) expect(flow.pause?.reason).toBeTruthy();

  await page()
    .getByText(/^C12 ·/)
    .click();
  await button("Save labels").click();
  await page().getByRole("row", { name: "personalEmail.address" }).getByText("C12").waitFor({ state: "detached" });
  for (const flow of await flows()) {
    await call("POST", `/data/foundation/flowservice/flows/${flow.id}/action?op=enable`, undefined, {
      "if-match": flow.etag,
    });
  }
});

test("files are looked at before they are attached, and what they hold is picked", async () => {
  expectStatus(400);
  const source = (await call("GET", `/data/foundation/datasets/${await datasetId()}`)).items[0].source.urls[0];
  await signIn("/datasets");
  await button("Attach dataset").click();
  const dialog = page().getByRole("dialog");
  const files = dialog.getByRole("textbox", { name: /^Files/ });
  await dialog.getByText("Still needed: a name, files, a field for each identity").waitFor();
  await files.fill("/no/such/folder/*.parquet");
  await dialog.getByRole("button", { name: "Look at the files" }).click();
  await dialog
    .getByText(/no file matches/)
    .first()
    .waitFor();
  await files.fill(source);
  await dialog.getByRole("button", { name: "Look at the files" }).click();
  await dialog.getByRole("button", { name: "Use profileId as an identity" }).click();
  await dialog.getByRole("button", { name: "Use personalEmail.address as an identity" }).click();
  await dialog.getByRole("button", { name: "Use lastPurchaseDate as the time field" }).click();
  expect(await dialog.getByRole("combobox", { name: "Field of identity 1" }).inputValue()).toBe("profileId");
  expect(await dialog.getByLabel("Namespace of identity 1").inputValue()).toBe("CRMID");
  expect(await dialog.getByLabel("Namespace of identity 2").inputValue()).toBe("Email");
  expect(await dialog.getByRole("combobox", { name: "Time field" }).inputValue()).toBe("lastPurchaseDate");
  const address = dialog.getByText(/@[a-z.]*example\./);
  expect(await address.count()).toBe(0);
  await dialog.getByRole("button", { name: "Show values of personalEmail.address" }).click();
  expect(await address.count()).toBeGreaterThan(0);
  await dialog.getByText("Still needed: a name.").waitFor();
  await dialog.getByLabel(/^Name\b/).fill("picked");
  await dialog.getByRole("button", { name: "Attach", exact: true }).click();
  await page().getByRole("heading", { name: "picked", level: 1 }).waitFor();
  await page().getByText("Ready", { exact: true }).waitFor();
  const made = (await call("GET", "/data/foundation/datasets")).items.find(
    ({ name }: { name: string }) => name === "picked",
  );
  expect(made.identities.map(({ namespace }: { namespace: string }) => namespace)).toEqual(["CRMID", "Email"]);
  await call("DELETE", `/data/foundation/datasets/${made.id}`);
});

test("a dataset is attached, read anew, and detached", async () => {
  expectStatus(400);
  const source = (await call("GET", `/data/foundation/datasets/${await datasetId()}`)).items[0].source.urls[0];
  await signIn("/datasets");
  await button("Attach dataset").click();
  const dialog = page().getByRole("dialog");
  await dialog.getByLabel(/^Name\b/).fill("again");
  await dialog.getByRole("textbox", { name: /^Files/ }).fill(source);
  await dialog.getByLabel("Field of identity 1").fill("profileIdd");
  await dialog.getByLabel("Namespace of identity 1").fill("CRMID");
  await dialog.getByRole("button", { name: "Attach" }).click();
  await dialog.getByText("did you mean `profileId`?").first().waitFor();
  await dialog.getByLabel("Field of identity 1").fill("profileId");
  await dialog.getByRole("button", { name: "Attach" }).click();
  await page().getByRole("heading", { name: "again", level: 1 }).waitFor();
  await page().getByText("Ready", { exact: true }).waitFor();
  await button("More actions").click();
  await page().getByRole("menuitem", { name: "Edit" }).click();
  const edit = page().getByRole("dialog", { name: "Edit" });
  await edit.getByLabel("Description").fill("The same files");
  await edit.getByRole("button", { name: "Save" }).click();
  await edit.waitFor({ state: "detached" });
  await button("Refresh").click();
  await page().getByText("again is being read anew").waitFor();
  await button("More actions").click();
  await page().getByRole("menuitem", { name: "Detach dataset" }).click();
  await page().getByRole("alertdialog").or(dialog).getByRole("button", { name: "Detach dataset" }).click();
  await page().getByRole("heading", { name: "Datasets", level: 1 }).waitFor();
  await page().getByRole("link", { name: "again" }).waitFor({ state: "detached" });
});
