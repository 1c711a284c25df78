// Whether a page can be used by everybody: what axe finds in both colours, and that it fits onto a tablet.

import type { Page } from "playwright-core";
import { barriers, visit } from "./browser";

const DESK = { width: 1280, height: 800 };
const TABLETS = [
  { width: 1024, height: 768 },
  { width: 820, height: 1180 },
];

/** What is wrong with the pages at these addresses, by address. */
export async function wrongOf(page: Page, addresses: string[]): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const address of addresses) {
    await page.setViewportSize(DESK);
    await visit(address);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      for (const barrier of await barriers()) note(found, address, `${colorScheme}: ${barrier}`);
    }
    for (const size of [DESK, ...TABLETS]) {
      await page.setViewportSize(size);
      for (const wide of await tooWide(page)) note(found, address, `${size.width} x ${size.height}: ${wide}`);
    }
  }
  return found;
}

function note(found: Record<string, string[]>, address: string, wrong: string) {
  found[address] = [...(found[address] ?? []), wrong];
}

/** What has more beside it than can be seen. */
function tooWide(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll("html, main, main > *, aside, header")]
      .filter((element) => element.scrollWidth > element.clientWidth + 1)
      .map((element) => `${element.tagName} ${element.className} is ${element.scrollWidth} wide`),
  );
}
