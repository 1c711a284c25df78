import { createHash } from "node:crypto";
import { afterAll, expect, test } from "vitest";
import { ask, barriers, withPage } from "./browser";
import { clearSftp, filesIn, makeSftp, rowsIn, rowsOf } from "./far-end";
import { hands } from "./wizard";
import { editAndDelete, setUp } from "./workflow";

const page = withPage();
const { button, step, next, tick } = hands(page);
const FOLDERS = { s3: "browser", sftp: "console" };
const FIRST = ["person.name.firstName", "person.name.lastName", "personalEmail.address"];

afterAll(() => clearSftp(FOLDERS.sftp));

test.each([
  ["Amazon S3", "s3"],
  ["SFTP", "sftp"],
] as const)("%s: from signing in to the bytes of the files, and to deleting it", async (name, target) => {
  if (target === "sftp") makeSftp(FOLDERS.sftp);
  const flow = await setUp(page, name, schedule);
  const { selectors } = flow.transformations[0].params.segmentSelectors;
  for (const { value } of selectors) {
    expect(value.schedule).toMatchObject({ frequency: "EVERY_6_HOURS", startTime: "06:00" });
    expect(value.exportMode).toBe("FIRST_FULL_THEN_INCREMENTAL");
    expect(value.filenameTemplate).toContain("_%SEGMENT_NAME%");
  }

  await page()
    .getByRole("link", { name: `${name} by browser` })
    .first()
    .click();
  await button("Export now").click();
  await page().getByText(`2 runs of ${name} by browser started`).waitFor();
  for (const { value } of selectors) await followed(flow.id, value, target);
  await editAndDelete(page, flow);
});

/** Follows a segment's run on its page until its file is verified there, and compares the file. */
async function followed(flow: string, segment: { id: string; name: string }, target: "s3" | "sftp") {
  const runs = (await ask("GET", `/runs?property=flowId==${flow}`)).items;
  const run = runs.find((one: { segmentId?: string }) => one.segmentId === segment.id);
  await page().locator(`a[href$="/runs/${run.id}"]`).first().click();
  await button("Verify").click();
  await page().getByText("The file was read back, and is as it was written").waitFor();

  const files = filesIn(target, FOLDERS[target]);
  const [name, bytes] = [...files].find(([file]) => file.includes(segment.name) && file.endsWith(".csv")) ?? [];
  if (name === undefined || bytes === undefined) throw new Error(`no file among ${[...files.keys()]}`);
  const row = page()
    .getByRole("table", { name: "Files" })
    .or(page().getByRole("grid", { name: "Files" }));
  await row.getByText(createHash("sha256").update(bytes).digest("hex")).first().waitFor();
  const header = bytes.toString("utf8").split("\n")[0] ?? "";
  expect(header.trim().split(",")).toHaveLength(FIRST.length + 2);
  // The status is the column before the last.
  const status = (line: string) => line.replace(/,(realized|active),(?=[^,]*$)/, ",");
  expect(rowsIn(bytes).map(status).sort()).toEqual(rowsOf(segment.name, [...FIRST, "homeAddress.country"]));
  await page().goBack();
}

async function schedule() {
  await step("Schedule");
  await tick("Select all");
  await button("Edit schedule").click();
  const dialog = page().getByRole("dialog");
  await dialog.getByText("Export incremental files").click();
  await dialog.getByRole("button", { name: /Frequency/ }).click();
  await page().getByRole("option", { name: "Every 6 hours" }).click();
  await expect.poll(() => dialog.getByRole("listitem").count()).toBe(5);
  expect(await barriers()).toEqual([]);
  await dialog.getByRole("button", { name: "Apply" }).click();
  // What is pressed while a dialog goes is not always heard.
  await dialog.waitFor({ state: "detached" });
  await button("Edit file name").click();
  await dialog.getByText("Segment name", { exact: true }).click();
  expect(await barriers()).toEqual([]);
  await dialog.getByRole("button", { name: "Apply" }).click();
  await page()
    .getByText(/_gold-us\./)
    .waitFor();
  expect(await barriers()).toEqual([]);
  await next();
}
