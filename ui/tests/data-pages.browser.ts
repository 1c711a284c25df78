import { expect, test } from "vitest";
import { barriers, expectStatus, signIn, visit, withPage } from "./browser";
import { datasetId, segmentId } from "./data";

const page = withPage();

/** Addresses of all pages of data, with their tabs and dialogs. */
async function addresses(): Promise<string[]> {
  const [dataset, segment] = await Promise.all([datasetId(), segmentId("gold-us")]);
  return [
    "/datasets",
    "/datasets?attach=1",
    `/datasets/${dataset}`,
    `/datasets/${dataset}?field=${encodeURIComponent("/properties/person/properties/gender")}`,
    `/datasets/${dataset}?tab=records`,
    `/datasets/${dataset}?tab=details`,
    "/segments",
    "/segments/new",
    `/segments/${segment}`,
    `/segments/${segment}?tab=members`,
    `/segments/${segment}?tab=flows`,
    `/segments/${segment}?tab=details`,
    "/profiles",
    "/policies",
    "/policies?selected=corepolicy_0001",
    "/policies?ask=create",
    "/policies/labels",
    "/policies/labels?ask=create",
    "/policies/marketing-actions",
    "/policies/consent",
    "/policies/consent?ask=create",
    "/policies/suppressions",
    "/policies/suppressions?ask=add",
    "/audit",
    "/audit?selected=1&action=created",
    "/settings",
    "/settings?ask=create",
    "/settings/alerts",
    "/settings/alerts?ask=create",
    "/settings/schedules",
    "/settings/schedules?ask=create",
    "/settings/about",
  ];
}

test.each(["light", "dark"] as const)("pages of data can be used by everybody in %s colours", async (colorScheme) => {
  // A dataset that was never labelled has no labels to be found.
  expectStatus(404);
  await page().emulateMedia({ colorScheme, reducedMotion: "reduce" });
  await signIn();
  const found: Record<string, string[]> = {};
  for (const address of await addresses()) {
    await page().goto(`${new URL(page().url()).origin}/console${address}`);
    await page().locator("h1, [role=dialog] h2, [role=dialog] [slot=title]").first().waitFor();
    await page().getByRole("status", { name: "Loading" }).first().waitFor({ state: "detached" });
    const barred = await barriers();
    if (barred.length > 0) found[address] = barred;
  }
  expect(found).toEqual({});
});

test("on a tablet no page of data is wider than the screen", async () => {
  expectStatus(404);
  await page().setViewportSize({ width: 1024, height: 768 });
  await signIn();
  for (const address of (await addresses()).filter((one) => !/ask=|attach=/.test(one))) {
    await visit(address);
    const wide = await page().evaluate(() =>
      [...document.querySelectorAll("html, main, main > *, aside, header")]
        .filter((element) => element.scrollWidth > element.clientWidth + 1)
        .map((element) => `${element.tagName} ${element.className}`),
    );
    expect([address, wide]).toEqual([address, []]);
  }
});
