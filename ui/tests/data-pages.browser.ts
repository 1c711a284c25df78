import { expect, test } from "vitest";
import { dataAddresses } from "./addresses";
import { signIn, withPage } from "./browser";
import { wrongOf } from "./everybody";

const page = withPage();

test("every page of data can be used by everybody", async () => {
  await signIn();
  expect(await wrongOf(page(), await dataAddresses())).toEqual({});
});
