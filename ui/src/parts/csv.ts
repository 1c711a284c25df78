// What rows look like in a file: CSV in its dialects, JSON by lines. For samples and previews; files are the server's.

import { hasData } from "./fieldPath";

export type CsvOptions = {
  delimiter?: string;
  quote?: string;
  escape?: string;
  nullValue?: string;
  emptyValue?: string;
  lineEnding?: string;
};

export type Cell = string | number | boolean | null;

const DEFAULTS = { delimiter: ",", quote: '"', escape: "", nullValue: "", emptyValue: '""', lineEnding: "LF" };

export function csvLines(rows: Cell[][], options: CsvOptions = {}): string[] {
  const dialect = { ...DEFAULTS, ...options };
  if (dialect.delimiter === "\\t") dialect.delimiter = "\t";
  return rows.map((row) => row.map((cell) => csvCell(cell, dialect)).join(dialect.delimiter));
}

function csvCell(cell: Cell, dialect: typeof DEFAULTS): string {
  if (cell === null) return dialect.nullValue;
  if (cell === "") return dialect.emptyValue;
  const text = String(cell);
  const { quote, escape: mark, delimiter } = dialect;
  const looksOdd = text === dialect.nullValue || text === dialect.emptyValue;
  const needs = looksOdd || [delimiter, quote, mark, "\n", "\r"].some((one) => one !== "" && text.includes(one));
  if (!needs) return text;
  const before = mark || quote;
  if (quote === "") {
    return mark === "" ? text : marked(text, [delimiter, mark, "\n", "\r"], mark);
  }
  return quote + marked(text, [quote, mark], before) + quote;
}

function marked(text: string, marks: string[], before: string): string {
  return [...text].map((letter) => (marks.includes(letter) && letter !== "" ? before + letter : letter)).join("");
}

/** One object for each row, without members that are null. */
export function jsonLines(headers: string[], rows: Cell[][]): string[] {
  return rows.map((row) => {
    const pairs = headers.map((header, at) => [header, row[at]] as const).filter(([, cell]) => cell !== null);
    return JSON.stringify(Object.fromEntries(pairs));
  });
}

/** A value of a profile as a cell. */
export function toCell(value: unknown): Cell {
  if (value === "") return "";
  if (!hasData(value)) return null;
  return typeof value === "object" ? JSON.stringify(value) : (value as Cell);
}
