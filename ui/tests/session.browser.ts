import { expect, test } from "vitest";
import { at, expectStatus, signIn, visit, withPage, world } from "./browser";

const page = withPage();

test("a wrong secret is said to be wrong, the right one leads where one wanted to go", async () => {
  expectStatus(401, 403);
  await page().goto(at("/destinations/browse?find=daily"));
  await page().getByLabel("Client ID").fill("admin");
  await page().getByLabel("Client secret").fill("wrong");
  await page().getByRole("button", { name: "Sign in" }).click();
  await page().getByText("What came back").waitFor();
  await page().getByLabel("Client secret").fill(world.secret);
  await page().getByRole("button", { name: "Sign in" }).click();
  await page().getByRole("link", { name: "daily-files" }).waitFor();
  expect(page().url()).toBe(at("/destinations/browse?find=daily"));
});

test("signing out ends the session for every page", async () => {
  expectStatus(401, 403);
  await signIn();
  await page().getByRole("button", { name: "Signed in as" }).click();
  await page().getByRole("menuitem", { name: "Sign out" }).click();
  await page().getByLabel("Client ID").waitFor();
  await page().goto(at("/destinations/accounts"));
  await page().getByLabel("Client ID").waitFor();
  expect(await page().context().cookies()).toEqual([]);
});

test("a login link signs in once, and does not stay in the address", async () => {
  expectStatus(401, 403);
  const printed = world.run("login-link", "--data-dir", world.dataDir);
  const token = printed.trim().split("#").at(-1);
  await page().goto(at(`/sign-in#${token}`));
  await page().getByRole("navigation", { name: "Main" }).waitFor();
  expect(page().url()).not.toContain("link=");
  await page().context().clearCookies();
  await page().goto("about:blank");
  await page().goto(at(`/sign-in#${token}`));
  await page().getByText("A link works once").waitFor();
});

test("whoever may only read is offered nothing that changes", async () => {
  expectStatus(401, 403);
  const response = await fetch(`${world.url}/data/foundation/clients`, {
    method: "POST",
    headers: { authorization: `Bearer ${world.token}`, "content-type": "application/json" },
    body: JSON.stringify({ id: "reader", scopes: ["read"], sandboxes: ["prod"] }),
  });
  const { secret } = (await response.json()) as { secret: string };
  await page().goto(at("/destinations/browse"));
  await page().getByLabel("Client ID").fill("reader");
  await page().getByLabel("Client secret").fill(secret);
  await page().getByRole("button", { name: "Sign in" }).click();
  await page().getByRole("button", { name: "Actions of daily-files" }).click();
  expect(await page().getByRole("menuitem").allInnerTexts()).toEqual(["View dataflow runs"]);
  expect(await page().getByRole("switch", { name: "daily-files is enabled" }).isDisabled()).toBe(true);
});

test("a theme is kept", async () => {
  await signIn();
  const scheme = () => page().evaluate(() => document.documentElement.dataset.colorScheme);
  await page().getByRole("button", { name: "Theme" }).click();
  await page().getByRole("menuitemradio", { name: "Dark" }).click();
  expect(await scheme()).toBe("dark");
  await visit("/destinations/browse");
  expect(await scheme()).toBe("dark");
});
