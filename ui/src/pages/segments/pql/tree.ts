// A rule as a tree: what the builder shows. Only `text` nodes are more than the builder can take apart.

export type ValueKind = "text" | "integer" | "float" | "boolean" | "day" | "instant" | "moment";

/** A constant: `text` is what a person would type for it, such as `gold`, `-7`, `2026-11-22`, `now`. */
export type Value = { kind: ValueKind; text: string };

export const COMPARES = ["=", "!=", "<", "<=", ">", ">="] as const;
export type Compare = (typeof COMPARES)[number];
export const TESTS = ["startsWith", "endsWith", "contains", "matches", "like"] as const;
export type Test = (typeof TESTS)[number];
export const UNITS = ["millisecond", "second", "minute", "hour", "day", "week", "month", "year"] as const;
export type Unit = (typeof UNITS)[number];
export const MOMENTS = ["now", "today", "yesterday", "tomorrow"];

export type Operator = Compare | Test | "in" | "notIn" | "notLike" | "isNull" | "isNotNull" | "isTrue" | "occurs";

/** `<= 30 days` of `occurs <= 30 days before now`. */
export type Distance = { compare: Compare; count: string; unit: Unit };
export type Direction = "before" | "after";

export type Condition = {
  id: string;
  kind: "condition";
  not: boolean;
  /** As rules write it; empty as long as none is chosen. */
  path: string;
  operator: Operator;
  /** One for most operators, several for lists, none for tests of null. */
  values: Value[];
  ignoreCase?: boolean;
  distance?: Distance;
  direction?: Direction;
};

export type Group = { id: string; kind: "group"; not: boolean; join: "and" | "or"; items: Node[] };

/** A part that the builder shows as text, and why. */
export type TextPart = { id: string; kind: "text"; not: boolean; text: string; reason: Reason };
export type Reason = "arithmetic" | "fields" | "nested" | "constant";

export type Node = Group | Condition | TextPart;

let last = 0;

export function newId(): string {
  last += 1;
  return `n${last}`;
}

export function newCondition(): Condition {
  return { id: newId(), kind: "condition", not: false, path: "", operator: "=", values: [{ kind: "text", text: "" }] };
}

export function newGroup(join: "and" | "or", items: Node[]): Group {
  return { id: newId(), kind: "group", not: false, join, items };
}

/** The tree with the node of this id replaced, or taken out. */
export function replaced(group: Group, id: string, by: Node | undefined): Group {
  const items = group.items.flatMap((item): Node[] => {
    if (item.id === id) return by === undefined ? [] : [by];
    return [item.kind === "group" ? replaced(item, id, by) : item];
  });
  return { ...group, items };
}
