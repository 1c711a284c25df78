import type { Page } from "playwright-core";
import { afterAll, expect, test } from "vitest";
import { ask, at, barriers, expectStatus, idOf, signIn, specId, visit, withPage, world } from "./browser";
import { hands, tabTo } from "./wizard";

const page = withPage();

const { button, step, next, input, fill, addField } = hands(page);

function foundation(method: string, path: string, body?: unknown) {
  const headers = { authorization: `Bearer ${world.token}`, "content-type": "application/json" };
  return fetch(`${world.url}/data/foundation/${path}`, {
    method,
    headers: method === "DELETE" ? { ...headers, "if-match": "*" } : headers,
    body: body === undefined ? undefined : JSON.stringify(body),
  });
}

test("a policy violation blocks Finish until it is resolved", async () => {
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
  expect(await barriers()).toEqual([]);
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
  expectStatus(412);
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
  expectStatus(401, 403);
  const press = (key: string) => page().keyboard.press(key);
  await page().goto(at(`/destinations/configure/${await specId("Amazon S3")}`));
  await page().getByLabel("Client ID").waitFor();
  await tabTo(page(), /^Client ID/, "textbox");
  await page().keyboard.type("admin");
  await press("Tab");
  await page().keyboard.type(world.secret);
  await press("Enter");
  await step("Authentication");
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

test("a new account is typed by keyboard alone: a wrong password, a key to approve, and then it works", async () => {
  expectStatus(400);
  const press = (key: string) => page().keyboard.press(key);
  const { sshd } = world;
  await signIn(`/destinations/configure/${await specId("SFTP")}`);
  await step("Authentication");
  await page().getByText("Still missing: Domain, User name, Password").waitFor();
  const type = async (label: RegExp, value: string) => {
    await tabTo(page(), label, "textbox");
    await press("Control+a");
    await page().keyboard.type(value);
  };
  await type(/^Domain/, sshd.host);
  await type(/^User name/, sshd.user);
  await tabTo(page(), /^Password/);
  await page().keyboard.type("wrong");
  await type(/^Port/, String(sshd.port));
  await tabTo(page(), "Connect to destination", "button");
  await press("Enter");
  const dialog = page().getByRole("dialog", { name: "Is this your server?" });
  await dialog.waitFor();
  await tabTo(page(), "Approve key and connect", "button");
  await press("Enter");
  await page().getByText("Connect to destination: this did not work.").waitFor();
  // From the top again: what is at fault says so.
  await page().getByRole("radio", { name: "New account" }).focus();
  await tabTo(page(), /^Password/);
  await press("Control+a");
  await page().keyboard.type(sshd.password);
  await tabTo(page(), "Connect to destination", "button");
  await press("Enter");
  await page().getByText("Connected", { exact: true }).waitFor();
  await tabTo(page(), "Next", "button");
  await press("Enter");
  await step("Setup");
  await page().getByText("Still missing: Name, Remote path").waitFor();
  expect(await button("Create destination").isDisabled()).toBe(true);
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
