import { expect, test } from "vitest";
import { ExpressionProblem, leavesOf, parseExpression, printExpression, simplified } from "./expression";

test.each([
  "C1",
  "C1 AND (C3 OR C7)",
  "C1 AND C2 OR C3",
  "(C1 OR C2) AND (C3 OR C4) AND C5",
  'my-label OR "a(b)" OR "AND"',
])("%s reads back as it was written", (text) => expect(printExpression(parseExpression(text))).toBe(text));

test("words are the same in upper and lower case, and parentheses that say nothing go", () => {
  expect(printExpression(parseExpression(" c1 and ((C2)) or (C3 and C4) "))).toBe("c1 AND C2 OR C3 AND C4");
  expect(parseExpression("C1 AND (C3 OR C7)")).toEqual({
    operator: "AND",
    operands: [{ label: "C1" }, { operator: "OR", operands: [{ label: "C3" }, { label: "C7" }] }],
  });
});

test.each([
  ["", "empty", 0],
  ["C1 AND", "operand", 6],
  ["(C1 OR C2", "close", 9],
  ["C1 C2", "end", 3],
  ["C1 AND )", "operand", 7],
  ['C1 OR "open', "quote", 6],
  [`${"(".repeat(60)}C1${")".repeat(60)}`, "operand", 50],
])("%s is refused with its place", (text, code, at) => {
  try {
    parseExpression(text);
    expect.unreachable();
  } catch (problem) {
    expect(problem).toBeInstanceOf(ExpressionProblem);
    expect(problem).toMatchObject({ code, at });
  }
});

test("what is not whole is left out, and groups of one are what they hold", () => {
  const built = {
    operator: "AND" as const,
    operands: [{ label: "C1" }, { operator: "OR" as const, operands: [{ label: "" }, { label: "C2" }] }, { label: "" }],
  };
  expect(simplified(built, ({ label }) => label !== "")).toEqual({
    operator: "AND",
    operands: [{ label: "C1" }, { label: "C2" }],
  });
  expect(simplified({ operator: "OR", operands: [] }, () => true)).toBeUndefined();
  expect(leavesOf(parseExpression("C1 AND (C3 OR C7)")).map(({ label }) => label)).toEqual(["C1", "C3", "C7"]);
});
