// The builder's tree as `pql/text`, in the form in which the server prints rules.

import { isReserved } from "./lex";
import { isTime } from "./parse";
import { type Condition, type Distance, type Group, MOMENTS, type Node, TESTS, type Value } from "./tree";

/** The rule. Conditions that are not complete yet are not in it. */
export function printRule(group: Group): string {
  return printed(group)?.text ?? "";
}

// What binds how: a text is put in parentheses where something tighter is needed.
const OR = 1;
const AND = 2;
const NOT = 3;
const COMPARISON = 4;
type Printed = { text: string; power: number };

function printed(node: Node): Printed | undefined {
  const plain = node.kind === "group" ? joined(node) : positive(node);
  if (plain === undefined || !node.not) return plain;
  return { text: `not ${within(plain, NOT)}`, power: NOT };
}

function within({ text, power }: Printed, least: number): string {
  return power >= least ? text : `(${text})`;
}

function joined(group: Group): Printed | undefined {
  const parts = group.items.map(printed).filter((part) => part !== undefined);
  const [first] = parts;
  if (first === undefined || parts.length === 1) return first;
  const power = group.join === "or" ? OR : AND;
  // A chain inside of a chain of the same word needs no parentheses.
  const text = parts.map((part) => (part.power === power ? part.text : within(part, power + 1)));
  return { text: text.join(` ${group.join} `), power };
}

function positive(node: Exclude<Node, Group>): Printed | undefined {
  if (node.kind === "text") return { text: node.text, power: COMPARISON };
  if (!isComplete(node)) return undefined;
  return { text: conditionText(node), power: COMPARISON };
}

function conditionText(condition: Condition): string {
  const { path, operator, values, ignoreCase, distance, direction } = condition;
  const [first] = values;
  const value = first === undefined ? "" : printValue(first);
  if (ignoreCase && operator === "notLike") return `not ${path}.like(${value}, false)`;
  switch (operator) {
    case "isTrue":
      return path;
    case "isNull":
      return `${path} is null`;
    case "isNotNull":
      return `${path} is not null`;
    case "in":
    case "notIn":
      return `${path} ${operator === "in" ? "in" : "not in"} [${values.map(printValue).join(", ")}]`;
    case "occurs":
      return `${path} occurs ${distance ? `${printDistance(distance)} ` : ""}${direction ?? "before"} ${value}`;
    case "like":
    case "notLike":
      if (ignoreCase) return `${path}.like(${value}, false)`;
      return `${path} ${operator === "like" ? "like" : "not like"} ${value}`;
    case "startsWith":
    case "endsWith":
    case "contains":
    case "matches":
      return `${path}.${operator}(${value}${ignoreCase ? ", false" : ""})`;
    default:
      return `${path} ${operator} ${value}`;
  }
}

function printDistance({ compare, count, unit }: Distance): string {
  return `${compare} ${count} ${unit}${count === "1" ? "" : "s"}`;
}

export function printValue({ kind, text }: Value): string {
  switch (kind) {
    case "text":
      return printText(text);
    case "day": {
      const [year, month, day] = text.split("-").map(Number);
      return `date(${year}, ${month}, ${day})`;
    }
    case "instant":
      return `timestamp(${printText(text)})`;
    default:
      return text;
  }
}

function printText(text: string): string {
  const escaped = text.replaceAll(/["\\\n\r\t]|\p{Cc}/gu, (c) => {
    const named = ({ '"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" } as Record<string, string>)[c];
    return named ?? `\\u${(c.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;
  });
  return `"${escaped}"`;
}

/** Whether a condition says all that its operator needs. */
export function isComplete({ path, operator, values, distance }: Condition): boolean {
  if (path === "") return false;
  if (["isTrue", "isNull", "isNotNull"].includes(operator)) return true;
  if (distance && !/^\d+$/.test(distance.count)) return false;
  if (values.length === 0) return false;
  const isPattern = operator === "notLike" || TESTS.some((test) => test === operator);
  return values.every((value) => isWhole(value) && (!isPattern || value.kind === "text"));
}

function isWhole({ kind, text }: Value): boolean {
  switch (kind) {
    case "text":
      return true;
    case "integer":
      return /^-?\d+$/.test(text);
    case "float":
      return /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text);
    case "boolean":
      return text === "true" || text === "false";
    case "moment":
      return MOMENTS.includes(text) && isReserved(text);
    default:
      return isTime(kind, text);
  }
}
