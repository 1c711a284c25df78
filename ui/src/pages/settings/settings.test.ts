import { expect, test } from "vitest";
import type { Subscription } from "../../api/dataShapes";
import { cronText } from "./cron";
import { bodyOf, draftOf, isWhole, operationsOf } from "./subscription";

test("usual cron expressions are told in words, others as they are", () => {
  expect(cronText("0 0 6 * * ?")).toBe("Every day at 06:00");
  expect(cronText("0 5 * * * *")).toBe("Every hour at minute 05");
  expect(cronText("0 0 6 1 * ?")).toBe("0 0 6 1 * ?");
  expect(cronText("30 0 6 * * ?")).toBe("30 0 6 * * ?");
});

const saved = {
  id: "1",
  name: "ops",
  kinds: ["runFailure"],
  flowId: "f",
  channel: { type: "webhook", url: "https://example.com", secret: "********" },
} as unknown as Subscription;

test("a subscription reads back as it was, with its secret masked", () => {
  const { id: _, ...body } = saved;
  expect(bodyOf(draftOf(saved))).toEqual(body);
  expect(isWhole(draftOf(undefined))).toBe(false);
});

test("what is taken back to all is removed, and what never was is not", () => {
  const draft = {
    ...draftOf(saved),
    kinds: [],
    flowId: "",
    type: "email" as const,
    to: "a@example.com\n\n b@example.com ",
  };
  expect(operationsOf(draft, saved)).toEqual([
    { op: "add", path: "/name", value: "ops" },
    { op: "add", path: "/channel", value: { type: "email", to: ["a@example.com", "b@example.com"] } },
    { op: "remove", path: "/kinds" },
    { op: "remove", path: "/flowId" },
  ]);
  expect(operationsOf(draft, { ...saved, kinds: undefined, flowId: null })).toHaveLength(2);
});
