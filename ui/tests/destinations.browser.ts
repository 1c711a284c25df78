import { expect, test } from "vitest";
import { ask, barriers, expectStatus, idOf, signIn, visit, withPage, world } from "./browser";

const page = withPage();

test("the catalog is narrowed by what one types, and the address keeps it", async () => {
  await signIn();
  await page().getByRole("searchbox").fill("kinesis");
  await expect.poll(() => page().getByRole("article").count()).toBe(1);
  await visit(new URL(page().url()).pathname.replace("/console", "") + new URL(page().url()).search);
  await expect.poll(() => page().getByRole("article").count()).toBe(1);
});

test("whoever was slower sees what the other one wrote, and goes on from there", async () => {
  const id = await idOf("flows", "daily-files");
  await signIn(`/destinations/flows/${id}`);
  expectStatus(412);
  await page().getByRole("button", { name: "Actions of daily-files" }).click();
  await page().getByRole("menuitem", { name: "Edit name and description" }).click();
  const description = page().getByRole("dialog").getByRole("textbox", { name: "Description" });
  await description.fill("Mine");
  const { etag } = (await ask("GET", `/flows/${id}`)).items[0];
  await ask("PATCH", `/flows/${id}`, [{ op: "add", path: "/description", value: "Theirs" }], { "if-match": etag });
  await page().getByRole("button", { name: "Save" }).click();
  await page().getByText("Somebody else changed this").waitFor();
  await page().getByRole("button", { name: "Load anew" }).click();
  expect(await description.inputValue()).toBe("Theirs");
  await description.fill("Ours");
  await page().getByRole("button", { name: "Save" }).click();
  await page().getByText("daily-files is saved").waitFor();
  expect((await ask("GET", `/flows/${id}`)).items[0].description).toBe("Ours");
});

test("a destination is disabled after a question, and enabled without", async () => {
  const id = await idOf("flows", "daily-files");
  await signIn("/destinations/browse");
  const state = async () => (await ask("GET", `/flows/${id}`)).items[0].state;
  const toggle = page().locator("label:has([aria-label='daily-files is enabled'])");
  await toggle.click();
  await page().getByRole("button", { name: "Confirm" }).click();
  await page().getByText("daily-files is disabled").waitFor();
  expect(await state()).toBe("disabled");
  await expect.poll(() => toggle.locator("input").isChecked()).toBe(false);
  await toggle.click();
  await expect.poll(state).toBe("enabled");
});

test("an account that is in use stays, and what uses it is named", async () => {
  const id = await idOf("connections", "files");
  await signIn(`/destinations/accounts?selected=${id}`);
  await page().getByRole("complementary", { name: "files" }).getByRole("button", { name: "Delete" }).click();
  await page().getByRole("dialog").getByRole("link", { name: "daily-files" }).waitFor();
  expect(await page().getByRole("dialog").getByRole("button", { name: "Delete" }).count()).toBe(0);
});

test("an account is tested step by step", async () => {
  const id = await idOf("connections", "files");
  await signIn(`/destinations/accounts?selected=${id}`);
  await page().getByRole("complementary", { name: "files" }).getByRole("button", { name: "Test" }).click();
  await page().getByText("The credentials of files work").waitFor();
  await page().getByRole("dialog").getByText("Sign in").waitFor();
});

/** Switches faults of the S3 target. */
async function fault(s3: object) {
  const answer = await fetch(world.control, { method: "PUT", body: JSON.stringify({ s3 }) });
  expect(answer.ok).toBe(true);
}

test("a run that fails says why and whose move it is, and is tried again", async () => {
  const id = await idOf("flows", "daily-files");
  await fault({ wrongCredentials: true });
  try {
    await signIn(`/destinations/flows/${id}`);
    await page().getByRole("button", { name: "Export now" }).click();
    await page().getByRole("row").filter({ hasText: "Failed" }).first().getByRole("link").first().click();
    await page().getByText("Why it failed").waitFor();
    await page().getByText("The credentials of the account must be changed.").waitFor();
    expect(await barriers()).toEqual([]);
  } finally {
    await fault({ wrongCredentials: false });
  }
  await page().getByRole("button", { name: "Retry" }).click();
  await page().getByRole("button", { name: "Verify" }).click();
  await page().getByText("read back, and").waitFor();
});

test("a run is followed, cancelled, tried again, and its files are verified", async () => {
  const id = await idOf("flows", "daily-files");
  // Slow enough for a busy machine to come in time.
  await fault({ slowBytesPerSec: 500 });
  try {
    await signIn(`/destinations/flows/${id}`);
    await page().getByRole("button", { name: "Export now" }).click();
    await page().getByText("2 runs of daily-files started").waitFor();
    const going = await ask("GET", `/runs?property=flowId==${id}&property=state==queued,processing&limit=1`);
    await visit(`/destinations/runs/${going.items[0].id}`);
    await page().getByRole("progressbar").waitFor();
    await page().getByRole("button", { name: "Cancel run" }).click();
    await page().getByRole("dialog").getByRole("button", { name: "Cancel run" }).click();
    await page().getByRole("button", { name: "Retry" }).waitFor();
  } finally {
    await fault({ slowBytesPerSec: null });
  }
  await page().getByRole("button", { name: "Retry" }).click();
  await page().getByRole("button", { name: "Verify" }).click();
  await page().getByText("read back, and").waitFor();
});

/** By how many pixels the page's tables are wider than the room they have. */
async function cutOff(): Promise<number> {
  const tables = page().locator("main [role=grid], main [role=table]");
  await tables.first().waitFor();
  const over = await tables.evaluateAll((all) =>
    all
      .flatMap((one) => [one, ...one.querySelectorAll("*")])
      .map((one) => {
        const scrolls = ["auto", "scroll"].includes(getComputedStyle(one).overflowX);
        return scrolls ? one.scrollWidth - one.clientWidth : 0;
      }),
  );
  return Math.max(0, ...over);
}

test("tables of runs and files show their columns whole, and the history each segment's runs", async () => {
  const id = await idOf("flows", "daily-files");
  await signIn(`/destinations/flows/${id}`);
  await page().getByRole("columnheader", { name: "Identities activated" }).waitFor();
  expect(await cutOff()).toBe(0);
  for (const segment of ["gold-us", "big-spenders"]) {
    const lane = page().getByRole("list", { name: new RegExp(`the last .*, ${segment}$`) });
    await lane.getByRole("link").first().waitFor();
  }
  const stream = await idOf("flows", "live-messages");
  await visit(`/destinations/flows/${stream}`);
  await page().getByRole("columnheader", { name: "Identities failed" }).waitFor();
  await page().getByText("Hour under way").first().waitFor();
  expect(await cutOff()).toBe(0);

  const run = (await ask("GET", `/runs?property=flowId==${id}&property=state==success&limit=1`)).items[0];
  await visit(`/destinations/runs/${run.id}`);
  await page().getByTitle(run.files[0].name).waitFor();
  expect(await cutOff()).toBe(0);
  // Several runs begin in one minute.
  const facts = page().getByRole("complementary", { name: "Run" });
  await facts
    .getByText(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/)
    .first()
    .waitFor();
});

test("what a stream sends once more is counted as messages, and has no files", async () => {
  const id = await idOf("flows", "live-messages");
  await signIn(`/destinations/flows/${id}`);
  await page().getByRole("button", { name: "Send everybody now" }).click();
  await page().getByRole("dialog").getByRole("button", { name: "Send everybody now" }).click();
  const sent = page().getByRole("row").filter({ hasText: "Success" }).first();
  await sent.getByRole("link").first().click();
  await page().getByRole("heading", { name: "Messages" }).waitFor();
  expect(await page().getByRole("heading", { name: "Files" }).count()).toBe(0);
});

test("a click that comes while a message appears reaches what it is meant for", async () => {
  const id = await idOf("flows", "daily-files");
  await signIn(`/destinations/flows/${id}`);
  await page().getByRole("columnheader", { name: "Status" }).waitFor();
  await page().evaluate(() => {
    const hit: string[] = [];
    document.addEventListener("pointerdown", ({ target }) => hit.push((target as Element).tagName), true);
    Object.assign(window, { hit });
  });
  const title = await page().getByRole("heading", { level: 1 }).boundingBox();
  await page().getByRole("complementary").getByRole("button", { name: /^Copy/ }).first().click();
  for (let n = 0; n < 20; n++) await page().mouse.click((title?.x ?? 0) + 5, (title?.y ?? 0) + 5);
  await page().getByRole("alertdialog").first().waitFor();
  for (let n = 0; n < 20; n++) await page().mouse.click((title?.x ?? 0) + 5, (title?.y ?? 0) + 5);
  const hit = await page().evaluate(() => (window as unknown as { hit: string[] }).hit);
  expect(hit.filter((tag) => tag === "HTML")).toEqual([]);
});
