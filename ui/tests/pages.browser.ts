import { expect, test } from "vitest";
import { ask, barriers, expectStatus, idOf, signIn, visit, withPage } from "./browser";

const page = withPage();

/** Addresses of all pages and their tabs. */
async function addresses(): Promise<string[]> {
  const [files, stream, account] = await Promise.all([
    idOf("flows", "daily-files"),
    idOf("flows", "live-messages"),
    idOf("connections", "files"),
  ]);
  const run = (await ask("GET", `/runs?property=flowId==${files}&limit=1`)).items[0].id;
  const kind = (await ask("GET", "/connectionSpecs")).items.at(-1).id;
  return [
    "/destinations",
    `/destinations/catalog?selected=${kind}`,
    `/destinations/browse?selected=${files}`,
    `/destinations/accounts?selected=${account}`,
    "/destinations/system-view",
    "/destinations/system-view?view=list",
    `/destinations/flows/${files}`,
    `/destinations/flows/${files}?tab=data`,
    `/destinations/flows/${stream}`,
    `/destinations/flows/${stream}?tab=letters`,
    `/destinations/runs/${run}`,
    `/destinations/configure/${kind}`,
    `/destinations/activate?spec=${kind}`,
    ...["segments", "schedule", "mapping"].map((step) => `/destinations/activate/${files}?step=${step}`),
    `/destinations/activate/${stream}?step=triggers`,
  ];
}

test.each(["light", "dark"] as const)("every page can be used by everybody in %s colours", async (colorScheme) => {
  await page().emulateMedia({ colorScheme });
  // A dataset without labels has no object of labels.
  expectStatus(404);
  await signIn();
  const found: Record<string, string[]> = {};
  for (const address of await addresses()) {
    await visit(address);
    const barred = await barriers();
    if (barred.length > 0) found[address] = barred;
  }
  expect(found).toEqual({});
});

test("there is nothing at an address that does not exist, and a way back", async () => {
  await signIn();
  await visit("/nowhere");
  expect(await barriers()).toEqual([]);
  await page().getByRole("link", { name: "Go to destinations" }).click();
  await page().getByRole("heading", { name: "Destinations", level: 1 }).waitFor();
});

test("on a tablet nothing is wider than the screen", async () => {
  await page().setViewportSize({ width: 1024, height: 768 });
  expectStatus(404);
  await signIn();
  for (const address of await addresses()) {
    await visit(address);
    const wide = await page().evaluate(() =>
      [...document.querySelectorAll("html, main, main > *, aside, header")]
        .filter((element) => element.scrollWidth > element.clientWidth + 1)
        .map((element) => `${element.tagName} ${element.className}`),
    );
    expect([address, wide]).toEqual([address, []]);
  }
});
