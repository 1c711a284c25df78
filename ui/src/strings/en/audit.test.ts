import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { audit } from "./audit";

const { components } = JSON.parse(readFileSync(new URL("../../../../openapi.json", import.meta.url), "utf8"));
const { action, noun } = components.schemas.AuditEvent.properties;
/** The names that the description of a member lists. */
const listed = ({ description }: { description: string }) => description.match(/(?<=`)[a-zA-Z]+(?=`)/g) ?? [];

test("every action and every kind of object that records name has a word", () => {
  expect(listed(action).length).toBeGreaterThan(10);
  expect(Object.keys(audit.actions).sort()).toEqual(listed(action).sort());
  expect(listed(noun).length).toBeGreaterThan(10);
  expect(Object.keys(audit.nouns).sort()).toEqual(listed(noun).sort());
});
