import { expect, test } from "vitest";
import { isSensitivePath, MASKED, maskedMessage } from "./sensitive";

const fields = [
  { names: ["person", "name", "firstName"], isSensitive: true },
  { names: ["person", "gender"], isSensitive: false },
];

test("a path is sensitive that leads to such a field, into it, or to something around it", () => {
  const found = (path: string) => isSensitivePath(path, fields);
  expect(["person.name.firstName", "person.name", "person", "identityMap.Email[0].id", "profileId"].map(found)).toEqual(
    [true, true, true, true, true],
  );
  expect(["person.gender", "loyalty.tier", "segmentMembership.status"].map(found)).toEqual([false, false, false]);
});

test("messages are shown without such values", () => {
  const message = {
    person: { name: { firstName: "Ada", lastName: "Byron" }, gender: "f" },
    identityMap: { Email: [] },
    profileId: "p",
  };
  expect(maskedMessage(message, fields)).toEqual({
    person: { name: { firstName: MASKED, lastName: "Byron" }, gender: "f" },
    identityMap: MASKED,
    profileId: MASKED,
  });
  expect(maskedMessage({ person: "x" }, fields)).toEqual({ person: "x" });
});
