import { expect, test } from "vitest";
import type { PolicyCheck } from "../../api/policyCheck";
import { activate as words } from "../../strings/en/activate";
import { finishBlock } from "./steps";

const { stale, waiting, notChecked, blocked } = words.review;
const answer = (allowed: boolean) => ({ allowed }) as PolicyCheck;
const done = { isFetching: false, isError: false };

test("finishing waits for policies, and for nothing else", () => {
  expect(finishBlock({ ...done, data: answer(true) }, false)).toBeUndefined();
  expect(finishBlock({ ...done, data: answer(false) }, false)).toBe(blocked);
  expect(finishBlock({ ...done, data: answer(true), isFetching: true }, false)).toBe(waiting);
  expect(finishBlock({ ...done, data: answer(true) }, true)).toBe(stale);
});

test("what was not checked is not saved", () => {
  expect(finishBlock(done, false)).toBe(notChecked);
  expect(finishBlock({ ...done, isError: true }, false)).toBe(notChecked);
  expect(finishBlock({ ...done, isError: true, data: answer(true) }, false)).toBe(notChecked);
});
