import { expect, test } from "vitest";
import { type Looked, type LookState, lookState } from "./look";

const after = (...events: ({ ask: string } | Looked)[]) => events.reduce<LookState>(lookState, {});

test("what was found before is known until the next answer", () => {
  expect(after({ ask: "a" }, { about: "a" })).toEqual({ looked: { about: "a" } });
  expect(after({ ask: "a" }, { about: "a" }, { ask: "b" })).toEqual({ asked: "b", looked: { about: "a" } });
});

test("an answer that comes late changes nothing, whichever comes first", () => {
  expect(after({ ask: "a" }, { ask: "b" }, { about: "b" }, { about: "a" })).toEqual({ looked: { about: "b" } });
  expect(after({ ask: "a" }, { ask: "b" }, { about: "a" })).toEqual({ asked: "b" });
  expect(after({ ask: "a" }, { ask: "b" }, { about: "a" }, { about: "b" })).toEqual({ looked: { about: "b" } });
});
