import { expect, test } from "vitest";
import { choicesOf, fitted, kindOf, OPERATORS, typed } from "./values";

test("what is typed becomes the constant that the field needs", () => {
  expect(typed("5", "number").kind).toBe("integer");
  expect(typed("-5.5", "number").kind).toBe("float");
  expect(typed("5", "text").kind).toBe("text");
  expect(typed("to", "time").kind).toBe("moment");
  expect(typed("2026-11-22", "time").kind).toBe("day");
  expect(typed("2026-11-22T06:00:00Z", "time").kind).toBe("instant");
});

test("values stay where another operator can use them", () => {
  const values = [typed("a", "text"), typed("b", "text")];
  expect(fitted(values, "=", "text")).toEqual([values[0]]);
  expect(fitted(values, "notIn", "text")).toEqual(values);
  expect(fitted(values, "isNull", "text")).toEqual([]);
  expect(fitted([], "=", "boolean")).toEqual([{ kind: "boolean", text: "true" }]);
});

test("every kind of field has operators, and structs are their members", () => {
  for (const type of ["string", "integer", "float", "boolean", "date", "timestamp", "list<string>"])
    expect(OPERATORS[kindOf(type)].length).toBeGreaterThan(2);
  const tree = [{ name: "a", path: "a", type: "struct", fields: [{ name: "b", path: "a.b", type: "string" }] }];
  expect(choicesOf(tree)).toEqual([{ path: "a.b", type: "string" }]);
});
