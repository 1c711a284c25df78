// From the text of a rule to its words: docs/rules.md, as the server reads it.

export class RuleProblem extends Error {
  override name = "RuleProblem";

  /** `at` is a place in the text, counted from 0. */
  constructor(
    message: string,
    readonly at: number,
  ) {
    super(message);
  }
}

export type Token =
  | { kind: "word" | "quoted" | "integer" | "float" | "text" | "sign"; value: string; start: number; end: number }
  | { kind: "end"; value: ""; start: number; end: number };

const RESERVED = new Set("and or not in notin like is occurs null true false now today yesterday tomorrow".split(" "));
const SIGNS = ["!=", "<>", "<=", ">=", "<", ">", "=", "(", ")", "[", "]", ",", ".", "+", "-", "*", "/", "%"];
const WORD = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const ESCAPES: Record<string, string> = { '"': '"', "\\": "\\", n: "\n", r: "\r", t: "\t" };

export function isReserved(name: string): boolean {
  return RESERVED.has(name.toLowerCase());
}

/** Whether a name needs no backticks. */
export function isPlain(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
}

export function tokens(text: string): Token[] {
  const found: Token[] = [];
  let at = 0;
  for (;;) {
    while (/\s/.test(text[at] ?? "")) at += 1;
    const token = tokenAt(text, at);
    found.push(token);
    if (token.kind === "end") return found;
    at = token.end;
  }
}

function tokenAt(text: string, start: number): Token {
  const first = text[start];
  if (first === undefined) return { kind: "end", value: "", start, end: start };
  if (first === '"') return textAt(text, start);
  if (first === "`") return quotedAt(text, start);
  const word = matchAt(WORD, text, start);
  if (word) return { kind: "word", value: word, start, end: start + word.length };
  const number = matchAt(NUMBER, text, start);
  if (number) return numberAt(text, start, number);
  const sign = SIGNS.find((one) => text.startsWith(one, start));
  if (sign === undefined) throw new RuleProblem(`unexpected character ${first}`, start);
  if (sign === "=" && text[start + 1] === "=") throw new RuleProblem("equality is written =", start);
  return { kind: "sign", value: sign, start, end: start + sign.length };
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function numberAt(text: string, start: number, value: string): Token {
  const end = start + value.length;
  if (/[A-Za-z0-9_]/.test(text[end] ?? "")) throw new RuleProblem("this is neither a number nor a name", start);
  return { kind: /^[0-9]+$/.test(value) ? "integer" : "float", value, start, end };
}

function textAt(text: string, start: number): Token {
  let value = "";
  for (let at = start + 1; at < text.length; at += 1) {
    const c = text[at] as string;
    if (c === '"') return { kind: "text", value, start, end: at + 1 };
    if (c !== "\\") {
      value += c;
      continue;
    }
    const escaped = text[at + 1] ?? "";
    const hex = /^u([0-9a-fA-F]{4})/.exec(text.slice(at + 1, at + 6))?.[1];
    if (hex !== undefined) {
      value += String.fromCharCode(Number.parseInt(hex, 16));
      at += 5;
    } else if (escaped in ESCAPES) {
      value += ESCAPES[escaped];
      at += 1;
    } else {
      throw new RuleProblem("this escape means nothing; a backslash itself is written twice", at);
    }
  }
  throw new RuleProblem("the string is never closed", start);
}

function quotedAt(text: string, start: number): Token {
  let value = "";
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] !== "`") {
      value += text[at];
    } else if (text[at + 1] === "`") {
      value += "`";
      at += 1;
    } else if (value === "") {
      throw new RuleProblem("a field name cannot be empty", start);
    } else {
      return { kind: "quoted", value, start, end: at + 1 };
    }
  }
  throw new RuleProblem("the backtick is never closed", start);
}
