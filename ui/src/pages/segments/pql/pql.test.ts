import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { RuleProblem } from "./lex";
import { parseRule } from "./parse";
import { printRule } from "./print";
import { newCondition, newGroup, replaced } from "./tree";

const again = (text: string) => printRule(parseRule(text));

// As the server prints them.
test.each([
  ["x=1", "x = 1"],
  ["x <> 1", "x != 1"],
  ["x < 1 AND y >= -2 Or not z", "x < 1 and y >= -2 or not z"],
  ["((a)) and (b and c)", "a and b and c"],
  ["a or (b or c) or d", "a or b or c or d"],
  ["(a or b) and c", "(a or b) and c"],
  ["not (a and b)", "not (a and b)"],
  ["not a = b", "not a = b"],
  ["not not a", "not not a"],
  ['x IN ["a","b"]', 'x in ["a", "b"]'],
  ["x not in [1, -2]", "x not in [1, -2]"],
  ["x notIn [1.5]", "x not in [1.5]"],
  ["not x in [true]", "x not in [true]"],
  [
    'x in [date(2026,1,2), timestamp("2026-01-02T00:00:00Z")]',
    'x in [date(2026, 1, 2), timestamp("2026-01-02T00:00:00Z")]',
  ],
  ['a.b.startsWith("q")', 'a.b.startsWith("q")'],
  ['a.b.startsWith("q", false)', 'a.b.startsWith("q", false)'],
  ['a.endswith("q", TRUE)', 'a.endsWith("q")'],
  ['a.contains.contains("q")', 'a.contains.contains("q")'],
  ['a.matches("^\\\\d+$")', 'a.matches("^\\\\d+$")'],
  ['a like "q%"', 'a like "q%"'],
  ['a.like("q%", false)', 'a.like("q%", false)'],
  ['not a.like("q%", false)', 'not a.like("q%", false)'],
  ['a not like "q%"', 'a not like "q%"'],
  ["a is null and b is not NULL", "a is null and b is not null"],
  ["(a = b) is null", "(a = b) is null"],
  ["a + b * c > 1", "a + b * c > 1"],
  ["(a + b) * c = 2 and d", "(a + b) * c = 2 and d"],
  ["-(5) = 1", "-(5) = 1"],
  ['(-5).contains("5")', '(-5).contains("5")'],
  ['x = "a\nb\\u0007"', 'x = "a\\nb\\u0007"'],
  ['born = date("2026-11-22")', "born = date(2026, 11, 22)"],
  ["date = date(2026,11,22)", "date = date(2026, 11, 22)"],
  ["`now` = now", "`now` = now"],
  ["`and`.in.`or` = 1", "`and`.in.or = 1"],
  ['identityMap.Email[0].id = "x"', 'identityMap.Email[0].id = "x"'],
  ['segmentMembership.`81af-``2`.status = "realized"', 'segmentMembership.`81af-``2`.status = "realized"'],
  ["x OCCURS before now", "x occurs before now"],
  ["x occurs after date(2026,1,1)", "x occurs after date(2026, 1, 1)"],
  ["x occurs <= 30 day before now", "x occurs <= 30 days before now"],
  ["x occurs = 1 Months after today", "x occurs = 1 month after today"],
  ["before occurs after after", "before occurs after after"],
  ["true", "true"],
])("%s", (text, canonical) => {
  expect(again(text)).toBe(canonical);
  expect(again(canonical)).toBe(canonical);
});

const doc = readFileSync(new URL("../../../../../docs/rules.md", import.meta.url), "utf8");

test("the examples at the top of docs/rules.md are all conditions of the builder", () => {
  const rules = (doc.split("```")[1] ?? "").trim().split("\n");
  expect(rules).toHaveLength(4);
  const shown = rules.map((rule) => rule.replace("not loyalty.tier in", "loyalty.tier not in"));
  expect(rules.map(again)).toEqual(shown);
  for (const rule of rules) expect(JSON.stringify(parseRule(rule))).not.toContain('"reason"');
});

test("every way of docs/rules.md to ask where a time lies", () => {
  const asked = [...doc.matchAll(/`(x occurs [^`…]*) a`/g)].map(([, rule]) => `${rule} now`);
  expect(asked.length).toBeGreaterThan(6);
  expect(asked.map(again)).toEqual(asked);
});

test("the other examples of docs/rules.md", () => {
  for (const rule of ['x.contains("shop", false)', 'x != "a" or x is null', "consents.active and not isTest"]) {
    expect(doc).toContain(rule);
    expect(again(rule)).toBe(rule);
  }
});

test.each([
  "1 < x < 5",
  "x = null",
  "x = ",
  "x in []",
  "x in [now]",
  'x = "open',
  "a b",
  "x occurs <= 3 before now",
  "x == 1",
  "(a",
  "x = 'a'",
  "like = 1",
  "x = date(2026, 2, 30)",
  `${"(".repeat(300)}a${")".repeat(300)}`,
])("%s is no rule", (text) => expect(() => parseRule(text)).toThrow(RuleProblem));

test("a problem has its place", () => {
  try {
    parseRule("a = 1 and and");
    expect.unreachable();
  } catch (problem) {
    expect((problem as RuleProblem).at).toBe(10);
  }
});

test("what the builder cannot take apart stays text, and only that", () => {
  const { items } = parseRule("a = 1 and (b + 2 > c or d.e = f) and 1 = g");
  expect(items.map((item) => item.kind)).toEqual(["condition", "group", "text"]);
  const group = items[1];
  expect(group?.kind === "group" && group.items.map((item) => item.kind === "text" && item.reason)).toEqual([
    "arithmetic",
    "fields",
  ]);
});

test("what is not complete is not in the rule yet", () => {
  const rule = parseRule('a = "x"');
  const more = { ...rule, items: [...rule.items, newCondition(), newGroup("or", [newCondition()])] };
  expect(printRule(more)).toBe('a = "x"');
  const [, added] = more.items;
  const condition = {
    ...newCondition(),
    path: "b",
    operator: ">" as const,
    values: [{ kind: "integer" as const, text: "" }],
  };
  expect(printRule(replaced(more, added?.id ?? "", condition))).toBe('a = "x"');
  const whole = { ...condition, values: [{ kind: "integer" as const, text: "5" }] };
  expect(printRule(replaced(more, added?.id ?? "", whole))).toBe('a = "x" and b > 5');
});
