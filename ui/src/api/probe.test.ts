import { expect, test } from "vitest";
import { stepsAfter } from "./probe";

test("a step runs until it, or the next one, is told", () => {
  const reach = { name: "Reach", outcome: "passed" };
  const signIn = { name: "Sign in", outcome: "failed" };
  const running = stepsAfter([], "started", { name: "Reach", outcome: "" });
  expect(running).toEqual([{ name: "Reach", outcome: "running" }]);
  expect(stepsAfter(running, "step", reach)).toEqual([reach]);
  expect(stepsAfter([reach], "step", signIn)).toEqual([reach, signIn]);
  expect(stepsAfter(running, "started", { name: "Sign in", outcome: "" })).toEqual([
    { name: "Sign in", outcome: "running" },
  ]);
  expect(stepsAfter([reach], "else", signIn)).toEqual([reach]);
});
