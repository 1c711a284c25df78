// What policies deny: labels joined by AND and OR, as people write it. AND binds tighter. A label whose name would be
// taken for something else stands in double quotes.

import type { LabelExpression, Operands } from "../../api/dataShapes";

export type ExpressionError = "empty" | "operand" | "close" | "end" | "quote";

export class ExpressionProblem extends Error {
  constructor(
    readonly code: ExpressionError,
    /** Counted from 0. */
    readonly at: number,
  ) {
    super(code);
  }
}

type Token = { text: string; at: number; isQuoted: boolean };

const DEPTH_MAX = 50;

export function parseExpression(text: string): LabelExpression {
  const all = tokens(text);
  let at = 0;
  let depth = 0;
  const here = () => all[at]?.at ?? text.length;
  const is = (word: string) => all[at]?.isQuoted === false && all[at]?.text.toUpperCase() === word;
  const joined = (operator: "AND" | "OR", next: () => LabelExpression): LabelExpression => {
    const operands = [next()];
    while (is(operator)) {
      at += 1;
      operands.push(next());
    }
    const [first] = operands;
    return operands.length === 1 && first ? first : { operator, operands };
  };
  const operand = (): LabelExpression => {
    const token = all[at];
    if (is("(") && depth < DEPTH_MAX) {
      at += 1;
      depth += 1;
      const inner = either();
      if (!is(")")) throw new ExpressionProblem("close", here());
      at += 1;
      depth -= 1;
      return inner;
    }
    if (token === undefined || is("(") || is(")") || is("AND") || is("OR"))
      throw new ExpressionProblem(all.length === 0 ? "empty" : "operand", here());
    at += 1;
    return { label: token.text };
  };
  const either = () => joined("OR", () => joined("AND", operand));
  const found = either();
  if (at < all.length) throw new ExpressionProblem("end", here());
  return found;
}

function tokens(text: string): Token[] {
  const found: Token[] = [];
  const word = /\s*(?:"([^"]*)(")?|([()])|([^\s()"]+))/y;
  while (text.slice(word.lastIndex).trim() !== "") {
    const match = word.exec(text);
    if (!match) throw new ExpressionProblem("operand", word.lastIndex);
    const at = match.index + match[0].length - match[0].trimStart().length;
    if (match[1] !== undefined && match[2] === undefined) throw new ExpressionProblem("quote", at);
    found.push({ text: match[1] ?? match[3] ?? match[4] ?? "", at, isQuoted: match[1] !== undefined });
  }
  return found;
}

export function printExpression(expression: LabelExpression): string {
  return printOperands(expression, ({ label }) =>
    /[()\s]|^(and|or)$/i.test(label) || label === "" ? `"${label}"` : label,
  );
}

/** Any condition as people read it, with parentheses where AND and OR meet the other way around. */
export function printOperands<Leaf extends object>(expression: Operands<Leaf>, leaf: (leaf: Leaf) => string): string {
  if (!("operator" in expression)) return leaf(expression);
  const { operator, operands } = expression;
  const parts = operands.map((operand) => {
    const text = printOperands(operand, leaf);
    const isLooser =
      operator === "AND" && "operator" in operand && operand.operator === "OR" && operand.operands.length > 1;
    return isLooser ? `(${text})` : text;
  });
  return parts.join(` ${operator} `);
}

/** Groups of one are what they hold. Empty ones are nothing; then all may be nothing. */
export function simplified<Leaf extends object>(
  expression: Operands<Leaf>,
  isWhole: (leaf: Leaf) => boolean,
): Operands<Leaf> | undefined {
  if (!("operator" in expression)) return isWhole(expression) ? expression : undefined;
  const operands = expression.operands.flatMap((operand) => {
    const left = simplified(operand, isWhole);
    return left === undefined ? [] : [left];
  });
  const [first] = operands;
  return operands.length < 2 ? first : { operator: expression.operator, operands };
}

/** All leaves, from left to right. */
export function leavesOf<Leaf extends object>(expression: Operands<Leaf>): Leaf[] {
  return "operator" in expression ? expression.operands.flatMap((operand) => leavesOf(operand)) : [expression];
}
