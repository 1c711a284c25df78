// How a table stands, as it is written into the address: `sort=-name`, `page=2`.

export type Sort = { column: string; direction: "ascending" | "descending" };

/** `-name` is by the column `name`, the greatest first. */
export function sortOf(text: string | undefined): Sort {
  const isDown = text?.startsWith("-") ?? false;
  return { column: (isDown ? text?.slice(1) : text) ?? "", direction: isDown ? "descending" : "ascending" };
}

export function sortText({ column, direction }: Sort): string {
  return direction === "descending" ? `-${column}` : column;
}

/** The sort that was asked for if a column has it, else the usual one. */
export function askedSort(asked: string | undefined, usual: string | undefined, columns: string[]): Sort {
  const sort = sortOf(asked);
  return columns.includes(sort.column) ? sort : sortOf(usual);
}

/** What changes no rows: how a table is sorted and turned, what is selected in it, which tab or dialog is shown. */
const STANDING = new Set(["selected", "ask", "on", "tab", "step", "view", "field", "attach", "next"]);

/** Whether a search param chooses which rows are shown: where it changes, a table begins at its first page. */
export function isFilter(name: string): boolean {
  return !STANDING.has(name) && !/(^|-)(sort|page)$/.test(name);
}

/** Pages count from 1 in the address; what is no page is the first, and what is beyond the last is the last. */
export function pageOf(asked: string | undefined, pages: number): number {
  const page = Number(asked ?? 1);
  return Number.isInteger(page) ? Math.min(Math.max(page, 1), pages) - 1 : 0;
}
