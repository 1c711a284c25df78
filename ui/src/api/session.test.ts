import { expect, test } from "vitest";
import { may, type Scope, type Session } from "./session";

test("a scope includes those before it", () => {
  const holds = (...scopes: string[]) =>
    (["read", "write", "*"] as Scope[]).filter((needs) => may({ scopes } as Session, needs));
  expect(holds("read")).toEqual(["read"]);
  expect(holds("read", "write")).toEqual(["read", "write"]);
  expect(holds("*")).toEqual(["read", "write", "*"]);
  expect(holds("else")).toEqual([]);
});
