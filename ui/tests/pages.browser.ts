import { expect, test } from "vitest";
import { destinationAddresses } from "./addresses";
import { at, barriers, expectComplaint, expectStatus, signIn, visit, withPage } from "./browser";
import { wrongOf } from "./everybody";

const page = withPage();

test("every page of destinations can be used by everybody", async () => {
  await signIn();
  expect(await wrongOf(page(), await destinationAddresses())).toEqual({});
});

test("so can the page to sign in", async () => {
  expectStatus(401, 403);
  expect(await wrongOf(page(), ["/sign-in"])).toEqual({});
});

test("there is nothing at an address that does not exist, and a way back", async () => {
  await signIn();
  await visit("/nowhere");
  expect(await barriers()).toEqual([]);
  await page().getByRole("link", { name: "Go to destinations" }).click();
  await page().getByRole("heading", { name: "Destinations", level: 1 }).waitFor();
});

test("the policy of the pages allows this server and nothing else", async () => {
  expectComplaint(/content security policy/i);
  expectComplaint(/Failed to fetch/);
  await signIn();
  const answer = await page().goto(at("/destinations"));
  const policy = answer?.headers()["content-security-policy"] ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe|\*|https?:/);
  // It is kept: a style and a script that a page adds by itself do nothing, and the browser says so.
  const refused = await page().evaluate(async () => {
    const violated: string[] = [];
    document.addEventListener("securitypolicyviolation", (event) => violated.push(event.effectiveDirective));
    const script = document.createElement("script");
    script.textContent = "window.wasRun = true";
    document.head.append(script);
    await fetch("https://elsewhere.example/").catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve));
    return { violated, wasRun: "wasRun" in window };
  });
  expect(refused).toEqual({ violated: ["script-src-elem", "connect-src"], wasRun: false });
});
