// `pql/text` to the builder's tree, with the grammar of the server. What is no condition that the builder knows stays
// text, with the reason; what is no rule at all is a `RuleProblem` with its place.

import { isPlain, isReserved, RuleProblem, type Token, tokens } from "./lex";
import {
  type Compare,
  type Distance,
  type Group,
  MOMENTS,
  type Node,
  newId,
  type Reason,
  TESTS,
  type Test,
  UNITS,
  type Value,
} from "./tree";

/** What stands on a side of a comparison, or a whole condition. */
type Expr =
  | { kind: "constant"; value: Value; start: number; end: number }
  | { kind: "path"; path: string; start: number; end: number }
  | { kind: "other"; reason: Reason; start: number; end: number }
  | { kind: "node"; node: Node; start: number; end: number };

const DEPTH_MAX = 200;
const OR = 1;
const AND = 2;
const NOT = 3;
const COMPARISON = 4;
const SUM = 5;
const PRODUCT = 6;

/** The whole rule; its root is a group, whatever the text begins with. */
export function parseRule(text: string): Group {
  if (text.trim() === "") return { id: newId(), kind: "group", not: false, join: "and", items: [] };
  const node = new Parser(text).rule();
  if (node.kind === "group" && !node.not) return node;
  return { id: newId(), kind: "group", not: false, join: "and", items: [node] };
}

class Parser {
  private readonly all: Token[];
  private at = 0;
  private depth = 0;

  constructor(private readonly text: string) {
    this.all = tokens(text);
  }

  rule(): Node {
    const expr = this.expression(OR);
    if (this.peek().kind !== "end") this.fail("expected and, or, a comparison, or the end of the rule");
    return this.asNode(expr);
  }

  private peek(ahead = 0): Token {
    return this.all[Math.min(this.at + ahead, this.all.length - 1)] as Token;
  }

  private next(): Token {
    const token = this.peek();
    this.at = Math.min(this.at + 1, this.all.length - 1);
    return token;
  }

  private fail(expected: string): never {
    const token = this.peek();
    throw new RuleProblem(token.kind === "end" ? `the rule ends too early: ${expected}` : expected, token.start);
  }

  private isSign(sign: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === "sign" && token.value === sign;
  }

  private isWord(word: string): boolean {
    const token = this.peek();
    return token.kind === "word" && token.value.toLowerCase() === word;
  }

  private take(word: string): boolean {
    const is = this.isWord(word);
    if (is) this.next();
    return is;
  }

  private expect(sign: string) {
    if (!this.isSign(sign)) this.fail(`expected ${sign}`);
    this.next();
  }

  private get end(): number {
    return this.all[this.at - 1]?.end ?? 0;
  }

  private nested<T>(read: () => T): T {
    this.depth += 1;
    if (this.depth > DEPTH_MAX) this.fail(`the rule is nested more than ${DEPTH_MAX} deep`);
    const got = read();
    this.depth -= 1;
    return got;
  }

  /** Anything that is a condition as a node of the tree. */
  private asNode(expr: Expr): Node {
    const text = this.text.slice(expr.start, expr.end);
    switch (expr.kind) {
      case "node":
        return expr.node;
      case "path":
        return { id: newId(), kind: "condition", not: false, path: expr.path, operator: "isTrue", values: [] };
      case "constant":
        return { id: newId(), kind: "text", not: false, text, reason: "constant" };
      case "other":
        return { id: newId(), kind: "text", not: false, text, reason: expr.reason };
    }
  }

  private expression(least: number): Expr {
    let left = this.operand();
    let isCompared = false;
    for (;;) {
      const power = this.power();
      if (power < least || power === 0) return left;
      if (power === OR) left = this.joined("or", AND, left);
      else if (power === AND) left = this.joined("and", NOT, left);
      else if (power === COMPARISON) {
        if (isCompared) this.fail("comparisons do not chain: join them with and");
        left = this.comparison(left);
      } else {
        this.next();
        const right = this.expression(power + 1);
        left = { kind: "other", reason: "arithmetic", start: left.start, end: right.end };
      }
      isCompared = power === COMPARISON;
    }
  }

  private power(): number {
    const { kind, value } = this.peek();
    if (kind === "sign") {
      if (["=", "!=", "<>", "<", "<=", ">", ">="].includes(value)) return COMPARISON;
      if (value === "+" || value === "-") return SUM;
      return ["*", "/", "%"].includes(value) ? PRODUCT : 0;
    }
    if (kind !== "word") return 0;
    const word = value.toLowerCase();
    if (word === "or") return OR;
    if (word === "and") return AND;
    return ["in", "notin", "not", "like", "is", "occurs"].includes(word) ? COMPARISON : 0;
  }

  private joined(join: "and" | "or", tighter: number, first: Expr): Expr {
    const parts = [first];
    while (this.take(join)) parts.push(this.expression(tighter));
    // `a and (b and c)` is one chain to the server, and here, too.
    const items = parts.map((part) => this.asNode(part)).flatMap((node) => flat(node, join));
    const node: Node = { id: newId(), kind: "group", not: false, join, items };
    return { kind: "node", node, start: first.start, end: this.end };
  }

  private comparison(left: Expr): Expr {
    const compare = this.compare();
    if (compare !== undefined) {
      if (this.isWord("null")) this.fail("a comparison with null is never true: write is null");
      const right = this.expression(SUM);
      return this.compared(left, compare, right);
    }
    if (this.take("is")) {
      const not = this.take("not");
      if (!this.take("null")) this.fail("expected null");
      return this.tested(left, { operator: not ? "isNotNull" : "isNull", values: [] });
    }
    if (this.take("occurs")) return this.occurrence(left);
    const not = this.take("not");
    if (this.take("like")) {
      const pattern = this.pattern();
      return this.tested(left, { operator: not ? "notLike" : "like", values: [pattern] });
    }
    if (this.isWord("in") || (this.isWord("notin") && !not)) {
      const isNegative = not || this.isWord("notin");
      this.next();
      return this.tested(left, { operator: isNegative ? "notIn" : "in", values: this.list() });
    }
    return this.fail("expected in or like");
  }

  private compare(): Compare | undefined {
    const { kind, value } = this.peek();
    if (kind !== "sign" || !["=", "!=", "<>", "<", "<=", ">", ">="].includes(value)) return undefined;
    this.next();
    return (value === "<>" ? "!=" : value) as Compare;
  }

  private compared(left: Expr, operator: Compare, right: Expr): Expr {
    if (left.kind === "path" && right.kind === "constant")
      return this.tested(left, { operator, values: [right.value] });
    const kinds = [left.kind, right.kind];
    const reason: Reason = kinds.includes("node") ? "nested" : kinds.includes("other") ? "arithmetic" : "fields";
    return { kind: "other", reason, start: left.start, end: right.end };
  }

  /** A condition on a field; on anything else it stays text. */
  private tested(
    left: Expr,
    rest: Pick<Extract<Node, { kind: "condition" }>, "operator" | "values" | "ignoreCase" | "distance" | "direction">,
  ): Expr {
    const span = { start: left.start, end: this.end };
    if (left.kind === "path")
      return { kind: "node", node: { id: newId(), kind: "condition", not: false, path: left.path, ...rest }, ...span };
    const reason = left.kind === "other" ? left.reason : left.kind === "node" ? "nested" : "constant";
    return { kind: "other", reason, ...span };
  }

  private occurrence(left: Expr): Expr {
    const compare = this.compare();
    let distance: Distance | undefined;
    if (compare !== undefined) {
      if (this.peek().kind !== "integer") this.fail("expected a whole number");
      const count = this.next().value;
      const word = this.next().value.toLowerCase().replace(/s$/, "");
      const unit = UNITS.find((one) => one === word);
      if (unit === undefined) {
        this.at -= 1;
        this.fail("expected a unit such as days");
      }
      distance = { compare, count, unit };
    }
    const direction = this.take("before") ? "before" : this.take("after") ? "after" : undefined;
    if (direction === undefined) this.fail("expected before or after");
    const anchor = this.expression(SUM);
    if (anchor.kind === "constant")
      return this.tested(left, { operator: "occurs", values: [anchor.value], distance, direction });
    const reason = anchor.kind === "path" ? "fields" : anchor.kind === "other" ? anchor.reason : "nested";
    return { kind: "other", reason, start: left.start, end: anchor.end };
  }

  private pattern(): Value {
    if (this.peek().kind !== "text") this.fail("expected a string");
    return { kind: "text", text: this.next().value };
  }

  private list(): Value[] {
    this.expect("[");
    const values = [this.constant()];
    while (this.isSign(",")) {
      this.next();
      values.push(this.constant());
    }
    this.expect("]");
    return values;
  }

  /** A constant of a list; there are no moments in lists. */
  private constant(): Value {
    const expr = this.operand();
    if (expr.kind !== "constant" || expr.value.kind === "moment") this.fail("a list holds constants only");
    return expr.value;
  }

  private operand(): Expr {
    const { start } = this.peek();
    if (this.isSign("-")) {
      this.next();
      const { kind } = this.peek();
      if (kind === "integer" || kind === "float") {
        const value: Value = { kind, text: `-${this.next().value}` };
        return this.tests({ kind: "constant", value, start, end: this.end });
      }
      const inner = this.nested(() => this.operand());
      return { kind: "other", reason: "arithmetic", start, end: inner.end };
    }
    if (this.take("not")) {
      const inner = this.nested(() => this.expression(NOT));
      return { kind: "node", node: negated(this.asNode(inner)), start, end: this.end };
    }
    return this.tests(this.primary());
  }

  private primary(): Expr {
    const token = this.peek();
    const { start } = token;
    if (this.isSign("(")) {
      this.next();
      const inner = this.nested(() => this.expression(OR));
      this.expect(")");
      return { ...inner, start, end: this.end };
    }
    if (token.kind === "quoted") return this.path();
    if (token.kind === "text" || token.kind === "integer" || token.kind === "float") {
      this.next();
      return { kind: "constant", value: { kind: token.kind, text: token.value }, start, end: token.end };
    }
    if (token.kind !== "word") this.fail("expected a field, a constant, not, or (");
    const word = token.value.toLowerCase();
    if ((word === "date" || word === "timestamp") && this.isSign("(", 1)) return this.time(word);
    if (word === "true" || word === "false" || MOMENTS.includes(word)) {
      this.next();
      const kind = MOMENTS.includes(word) ? "moment" : "boolean";
      return { kind: "constant", value: { kind, text: word }, start, end: token.end };
    }
    if (isReserved(word)) this.fail(`${token.value} cannot stand here; a field of this name goes in backticks`);
    return this.path();
  }

  private time(word: "date" | "timestamp"): Expr {
    const { start } = this.next();
    this.next();
    let text: string;
    if (word === "date" && this.peek().kind === "integer") {
      const parts = [this.next().value];
      for (let part = 0; part < 2; part += 1) {
        this.expect(",");
        if (this.peek().kind !== "integer") this.fail("expected a number");
        parts.push(this.next().value);
      }
      const [year = "", month = "", day = ""] = parts;
      text = `${year.padStart(4, "0")}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
    } else {
      text = this.pattern().text;
    }
    this.expect(")");
    const kind = word === "date" ? "day" : "instant";
    if (!isTime(kind, text)) throw new RuleProblem(`there is no such ${kind}`, start);
    return { kind: "constant", value: { kind, text }, start, end: this.end };
  }

  private path(): Expr {
    const { start } = this.peek();
    let path = written(this.name(), true);
    for (;;) {
      if (this.isSign("[")) {
        this.next();
        if (this.peek().kind !== "integer") this.fail("expected the number of an element, such as 0");
        path += `[${Number(this.next().value)}]`;
        this.expect("]");
      } else if (this.isSign(".") && !(this.peek(1).kind === "word" && this.isSign("(", 2))) {
        this.next();
        path += `.${written(this.name(), false)}`;
      } else {
        return { kind: "path", path, start, end: this.end };
      }
    }
  }

  private name(): string {
    const token = this.peek();
    if (token.kind !== "word" && token.kind !== "quoted") this.fail("expected a field name");
    return this.next().value;
  }

  private tests(first: Expr): Expr {
    let tested = first;
    while (this.isSign(".")) {
      this.next();
      const name = this.peek().value.toLowerCase();
      const test: Test | undefined = TESTS.find((one) => one.toLowerCase() === name);
      if (this.peek().kind !== "word" || test === undefined) this.fail("there is no such test");
      this.next();
      this.expect("(");
      const pattern = this.pattern();
      let ignoreCase = false;
      if (this.isSign(",")) {
        this.next();
        ignoreCase = this.isWord("false");
        if (!this.take("true") && !this.take("false")) this.fail("expected true or false");
      }
      this.expect(")");
      tested = this.tested(tested, { operator: test, values: [pattern], ...(ignoreCase && { ignoreCase }) });
    }
    return tested;
  }
}

function flat(node: Node, join: "and" | "or"): Node[] {
  return node.kind === "group" && node.join === join && !node.not ? node.items : [node];
}

/** `not` of a node; what has a negative form of its own takes that, as the server prints it. */
function negated(node: Node): Node {
  if (node.not) {
    return { id: newId(), kind: "group", not: true, join: "and", items: [node] };
  }
  if (node.kind === "condition" && !node.ignoreCase) {
    const negative = ({ in: "notIn", like: "notLike", isNull: "isNotNull" } as const)[node.operator as "in"];
    if (negative !== undefined) return { ...node, operator: negative };
  }
  return { ...node, not: true };
}

/** A name of a path as rules write it. */
export function written(name: string, isFirst: boolean): string {
  return isPlain(name) && !(isFirst && isReserved(name)) ? name : `\`${name.replaceAll("`", "``")}\``;
}

/** Whether a text is a day, or an instant with its offset from UTC. */
export function isTime(kind: "day" | "instant", text: string): boolean {
  const shape =
    kind === "day" ? /^\d{4}-\d{2}-\d{2}$/ : /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;
  if (!shape.test(text)) return false;
  const [year = 0, month = 0, day = 0] = text.slice(0, 10).split("-").map(Number);
  const date = new Date(Date.UTC(2000, 0, 1));
  date.setUTCFullYear(year, month - 1, day);
  return year >= 1 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}
