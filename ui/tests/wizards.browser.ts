import type { Page } from "playwright-core";
import { afterAll, expect, test } from "vitest";
import { ask, expectStatus, idOf, signIn, visit, withPage, world } from "./browser";
import { barred, kinds, specId, tabTo } from "./wizard";

const page = withPage();

/** Servers that do not count who is withheld answer 405; datasets without labels 404. */
const NOT_COUNTED = [404, 405];
const button = (name: string | RegExp) => page().getByRole("button", { name, exact: typeof name === "string" });
const next = () => button("Next").click();
const step = (name: string) => page().getByRole("heading", { level: 2, name, exact: true }).waitFor();
const input = (label: string) =>
  page()
    .getByLabel(label, { exact: true })
    .or(page().getByLabel(`${label}(required)`));

/** A checkbox without words beside it. */
const tick = (name: string) => page().locator(`label:has(input[aria-label="${name}"])`).click();

async function fill(pairs: [string, string][]) {
  for (const [label, value] of pairs) {
    const one = page().locator("label", { hasText: new RegExp(`^${label}\\s*\\*?$`) });
    const id = await one.first().getAttribute("for");
    await page().locator(`[id="${id}"]`).fill(value);
  }
}

function foundation(method: string, path: string, body?: unknown) {
  const headers = { authorization: `Bearer ${world.token}`, "content-type": "application/json" };
  return fetch(`${world.url}/data/foundation/${path}`, {
    method,
    headers: method === "DELETE" ? { ...headers, "if-match": "*" } : headers,
    body: body === undefined ? undefined : JSON.stringify(body),
  });
}

test.each(["Amazon S3", "SFTP", "Amazon Kinesis", "Azure Event Hubs"])(
  "%s is configured and activated, and wrong credentials are not",
  async (name) => {
    expectStatus(400, ...NOT_COUNTED);
    const kind = kinds().find((one) => one.name === name);
    if (!kind) throw new Error(name);
    await signIn(`/destinations/configure/${await specId(name)}`);
    await page().getByText("New account", { exact: true }).click();
    await fill([["Account name", `${name} in the browser`], ...kind.account, [kind.secret.label, kind.secret.wrong]]);
    await button("Connect to destination").click();
    if (name === "SFTP") {
      const dialog = page().getByRole("dialog", { name: "Is this your server?" });
      expect(await dialog.textContent()).toContain(world.practice.sftp.hostKey);
      await dialog.getByRole("button", { name: "Approve key and connect" }).click();
    }
    await page().getByText("Connect to destination: this did not work.").waitFor();
    expect(await page().locator("[aria-invalid=true]").count()).toBeGreaterThan(0);
    expect(await button("Next").isDisabled()).toBe(true);
    await fill([[kind.secret.label, kind.secret.right]]);
    await button("Connect to destination").click();
    await page().getByText("Connected", { exact: true }).waitFor();
    expect(await barred(page())).toEqual([]);
    await next();

    await step("Setup");
    await fill([["Name", `${name} by browser`], ...kind.target]);
    await page().getByText("Data Science", { exact: true }).click();
    expect(await barred(page())).toEqual([]);
    await button("Create destination").click();
    await page().getByText(`${name} by browser is created`).waitFor();
    await page().getByRole("link", { name: "Next" }).click();

    await step("Select segments");
    await tick("Select All");
    await page().getByText("2 segments selected").waitFor();
    await next();
    if (kind.isBatch) await schedule();
    else await triggers();
    await step("Mapping");
    await addField("homeAddress.country");
    await page().getByRole("region", { name: "Preview" }).first().waitFor();
    await next();
    await step("Review");
    await page().getByText("No policy is violated").waitFor();
    expect(await barred(page())).toEqual([]);
    await button("Finish").click();
    await page().getByText(`${name} by browser is activated`).waitFor();

    const flow = (await ask("GET", `/flows/${await idOf("flows", `${name} by browser`)}`)).items[0];
    const { params } = flow.transformations[0];
    expect(params.segmentSelectors.selectors).toHaveLength(2);
    expect(flow.policy.enforcementRefs).toEqual(["/dulepolicy/marketingActions/core/dataScience"]);
    const paths = params.profileSelectors.selectors.map((one: { value: { path: string } }) => one.value.path);
    expect(paths.at(-1)).toBe("homeAddress.country");
    if (kind.isBatch) {
      const [segment] = params.segmentSelectors.selectors;
      expect(segment.value.schedule).toMatchObject({ frequency: "EVERY_6_HOURS", startTime: "06:00" });
      expect(segment.value.exportMode).toBe("FIRST_FULL_THEN_INCREMENTAL");
      expect(segment.value.filenameTemplate).toContain("_%SEGMENT_NAME%");
    } else {
      expect(params.streaming.triggers).toEqual({ segmentation: true, attributes: true, identities: false });
    }
    await foundation("DELETE", `flowservice/flows/${flow.id}`);
  },
);

async function schedule() {
  await step("Schedule");
  await tick("Select all");
  await button("Edit schedule").click();
  const dialog = page().getByRole("dialog");
  await dialog.getByText("Export incremental files").click();
  await dialog.getByRole("button", { name: /Frequency/ }).click();
  await page().getByRole("option", { name: "Every 6 hours" }).click();
  expect(await dialog.getByRole("listitem").count()).toBe(5);
  expect(await barred(page())).toEqual([]);
  await dialog.getByRole("button", { name: "Apply" }).click();
  await button("Edit file name").click();
  await dialog.getByText("Segment name", { exact: true }).click();
  expect(await barred(page())).toEqual([]);
  await dialog.getByRole("button", { name: "Apply" }).click();
  await page()
    .getByText(/_gold-us\./)
    .waitFor();
  expect(await barred(page())).toEqual([]);
  await next();
}

async function triggers() {
  await step("Triggers");
  await page().getByText("Identities change").click();
  expect(await barred(page())).toEqual([]);
  await next();
}

async function addField(path: string) {
  await button("Add field").click();
  const dialog = page().getByRole("dialog");
  await dialog.getByRole("searchbox").fill(path);
  expect(await barred(page())).toEqual([]);
  await dialog.getByRole("row", { name: path }).click();
  await dialog.getByRole("button", { name: "Add 1 field" }).click();
  await page()
    .getByRole("button", { name: `Remove ${path}` })
    .waitFor();
}

test("a policy violation blocks Finish until it is resolved", async () => {
  expectStatus(...NOT_COUNTED);
  const flow = (await ask("GET", `/flows/${await idOf("flows", "daily-files")}`)).items[0];
  const policy = { enforcementRefs: ["/dulepolicy/marketingActions/core/emailTargeting"] };
  await ask("PATCH", `/flows/${flow.id}`, [{ op: "add", path: "/policy", value: policy }], { "if-match": flow.etag });
  await foundation("PUT", "dulepolicy/enabledCorePolicies", { policyIds: ["corepolicy_0003"] });
  const datasets = (await (await foundation("GET", "datasets")).json()) as { items: { id: string }[] };
  const labels = { option: { schemaPath: "/properties/mobilePhone/properties/number" }, labels: ["C4"] };
  await foundation("POST", `dataset/datasets/${datasets.items[0]?.id}/labels`, { optionalLabels: [labels] });

  await signIn(`/destinations/activate/${flow.id}?step=mapping`);
  await step("Mapping");
  await addField("mobilePhone.number");
  await next();
  await page().getByText("2 policy violations").waitFor();
  expect(await button("Finish").isDisabled()).toBe(true);
  await page()
    .getByRole("img", { name: /customers → mobilePhone.number \(C4\) → Mapping → / })
    .waitFor();
  expect(await barred(page())).toEqual([]);
  await page().getByText("List", { exact: true }).click();
  await page().getByRole("table", { name: "Where the data comes from" }).waitFor();
  await button(/^Do this: Take mobilePhone.number out of the mapping/).click();
  await page().getByText("No policy is violated").waitFor();
  await button("Finish").click();
  await page().getByText("daily-files is activated").waitFor();
});

afterAll(async () => {
  await foundation("PUT", "dulepolicy/enabledCorePolicies", { policyIds: [] });
});

test("a draft survives a reload, without secrets; leaving asks", async () => {
  const id = await specId("Amazon S3");
  await signIn(`/destinations/configure/${id}`);
  page().on("dialog", (dialog) => void dialog.accept());
  await page().getByText("New account", { exact: true }).click();
  await fill([
    ["Account name", "half"],
    ["S3 access key", "HALFKEY"],
    ["S3 secret key", "hush-hush"],
  ]);
  await page().reload();
  await page().getByText("You are going on with a draft").waitFor();
  expect(await input("S3 access key").inputValue()).toBe("HALFKEY");
  expect(await input("S3 secret key").inputValue()).toBe("");
  const kept = await page().evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage }));
  expect(kept).toContain("HALFKEY");
  expect(kept).not.toContain("hush");

  await button("Cancel").click();
  const dialog = page().getByRole("alertdialog", { name: "Leave without finishing?" });
  await dialog.getByRole("button", { name: "Stay" }).click();
  expect(page().url()).toContain(`/destinations/configure/${id}`);
  await button("Cancel").click();
  await dialog.getByRole("button", { name: "Discard draft" }).click();
  await page().waitForURL(/\/destinations\/catalog/);
  await visit(`/destinations/configure/${id}`);
  expect(await page().getByText("You are going on with a draft").count()).toBe(0);
});

test("columns are moved by mouse and by keyboard", async () => {
  await signIn(`/destinations/activate/${await idOf("flows", "daily-files")}?step=mapping`);
  const names = () =>
    page()
      .getByRole("button", { name: /^Move / })
      .evaluateAll((all) => all.map((one) => one.getAttribute("aria-label")?.split(",")[0]));
  await expect.poll(async () => (await names()).length).toBeGreaterThan(2);
  const [first, second, third] = await names();
  await button(new RegExp(`^${first},`)).focus();
  await page().keyboard.press("ArrowDown");
  expect((await names()).slice(0, 2)).toEqual([second, first]);
  await page().keyboard.press("ArrowDown");
  expect((await names()).slice(0, 3)).toEqual([second, third, first]);
  const [from, to] = await Promise.all([third, second].map((name) => button(new RegExp(`^${name},`)).boundingBox()));
  if (!from || !to) throw new Error("no handles");
  await page().mouse.move(from.x + 8, from.y + 8);
  await page().mouse.down();
  await page().mouse.move(to.x + 8, to.y + 4, { steps: 5 });
  await page().mouse.up();
  expect((await names()).slice(0, 2)).toEqual([third, second]);
});

test("what somebody else saved meanwhile is not overwritten", async () => {
  expectStatus(412, ...NOT_COUNTED);
  const id = await idOf("flows", "live-messages");
  await signIn(`/destinations/activate/${id}?step=triggers`);
  await page().getByText("Identities change").click();
  const { etag } = (await ask("GET", `/flows/${id}`)).items[0];
  await ask("PATCH", `/flows/${id}`, [{ op: "add", path: "/description", value: "Theirs" }], { "if-match": etag });
  await next();
  await next();
  await page().getByText("No policy is violated").waitFor();
  await button("Finish").click();
  await page().getByText("Somebody else changed this").waitFor();
  expect(await button("Finish").isDisabled()).toBe(true);
  await button("Load anew").click();
  await expect.poll(() => button("Finish").isDisabled()).toBe(false);
});

test("both wizards can be gone through by keyboard alone", async () => {
  expectStatus(...NOT_COUNTED);
  await signIn(`/destinations/configure/${await specId("Amazon S3")}`);
  const press = (key: string) => page().keyboard.press(key);
  await tabTo(page(), /Saved account/, "button");
  await press("Enter");
  await page().getByRole("option", { name: /files/ }).first().waitFor();
  await press("Enter");
  await tabTo(page(), "Connect to destination", "button");
  await press("Enter");
  await page().getByText("Connected", { exact: true }).waitFor();
  await tabTo(page(), "Next", "button");
  await press("Enter");
  await step("Setup");
  // The focus is on the step's heading, and goes on from there.
  await tabTo(page(), /^Name/, "textbox");
  await page().keyboard.type("By keyboard");
  await tabTo(page(), /^Bucket name/, "textbox");
  await page().keyboard.type(world.practice.s3.bucket);
  await tabTo(page(), /Email Targeting/, "checkbox");
  await press("Space");
  await tabTo(page(), "Create destination", "button");
  await press("Enter");
  await page().getByText("By keyboard is created").waitFor();
  await tabTo(page(), "Next", "link");
  await press("Enter");
  await step("Select segments");
  await tabToRows(page());
  await press("Space");
  await page().getByText("1 segment selected").waitFor();
  await tabTo(page(), "Next", "button");
  await press("Enter");
  await step("Schedule");
  await tabTo(page(), /^Edit schedule of /, "button");
  await press("Enter");
  await page().getByRole("dialog").waitFor();
  await tabTo(page(), "Apply", "button");
  await press("Enter");
  await page().getByRole("dialog").waitFor({ state: "detached" });
  await tabTo(page(), "Next", "button");
  await press("Enter");
  await step("Mapping");
  await tabTo(page(), /is mandatory$/, "checkbox");
  await press("Space");
  await tabTo(page(), "Next", "button");
  await press("Enter");
  await step("Review");
  await page().getByText("No policy is violated").waitFor();
  await tabTo(page(), "Finish", "button");
  await press("Enter");
  await page().getByText("By keyboard is activated").waitFor();
});

/** A table is one stop of the keyboard; in it, arrows go from row to row. */
async function tabToRows(on: Page) {
  for (let tabs = 0; tabs < 40; tabs += 1) {
    await on.keyboard.press("Tab");
    const role = await on.evaluate(() => document.activeElement?.getAttribute("role"));
    if (role === "row") return;
    if (role === "columnheader") {
      await on.keyboard.press("ArrowDown");
      return;
    }
  }
  throw new Error("the keyboard does not reach the table");
}
