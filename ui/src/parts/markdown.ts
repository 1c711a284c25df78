// The part of Markdown that guides use, as a tree: headings, paragraphs, lists, code, tables, and what is in a line.

export type Inline =
  | { kind: "text"; text: string }
  | { kind: "code"; text: string }
  | { kind: "strong" | "em"; inside: Inline[] }
  | { kind: "link"; href: string; inside: Inline[] };

export type Block =
  | { kind: "heading"; level: number; inside: Inline[] }
  | { kind: "paragraph"; inside: Inline[] }
  | { kind: "code"; text: string }
  | { kind: "list"; isOrdered: boolean; items: Block[][] }
  | { kind: "table"; head: Inline[][]; rows: Inline[][][] };

const FENCE = /^\s*```/;
const HEADING = /^(#{1,6})\s+(.*)$/;
const ITEM = /^(\s*)(?:[-*]|(\d+)\.)\s+(.*)$/;
const TABLE_RULE = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;

export function parseMarkdown(text: string): Block[] {
  return blocksOf(text.split("\n"));
}

function blocksOf(lines: string[]): Block[] {
  const blocks: Block[] = [];
  let at = 0;
  while (at < lines.length) {
    const [block, next] = blockAt(lines, at);
    if (block) blocks.push(block);
    at = next;
  }
  return blocks;
}

/** The block that begins at a line, and the line after it. */
function blockAt(lines: string[], at: number): [Block | undefined, number] {
  const line = lines[at] ?? "";
  if (line.trim() === "") return [undefined, at + 1];
  if (FENCE.test(line)) return fence(lines, at);
  const heading = HEADING.exec(line);
  if (heading) return [{ kind: "heading", level: heading[1]?.length ?? 1, inside: inlines(heading[2] ?? "") }, at + 1];
  if (line.includes("|") && TABLE_RULE.test(lines[at + 1] ?? "")) return table(lines, at);
  if (ITEM.test(line)) return list(lines, at);
  let end = at + 1;
  while (end < lines.length && !beginsBlock(lines[end] ?? "")) end += 1;
  return [{ kind: "paragraph", inside: inlines(lines.slice(at, end).join(" ").trim()) }, end];
}

function beginsBlock(line: string): boolean {
  return line.trim() === "" || FENCE.test(line) || HEADING.test(line) || ITEM.test(line);
}

function fence(lines: string[], at: number): [Block, number] {
  let end = at + 1;
  while (end < lines.length && !FENCE.test(lines[end] ?? "")) end += 1;
  return [{ kind: "code", text: lines.slice(at + 1, end).join("\n") }, end + 1];
}

function table(lines: string[], at: number): [Block, number] {
  let end = at + 2;
  while (end < lines.length && (lines[end] ?? "").includes("|")) end += 1;
  const rows = lines.slice(at + 2, end).map(cells);
  return [{ kind: "table", head: cells(lines[at] ?? ""), rows }, end];
}

function cells(line: string): Inline[][] {
  const inner = line.trim().replace(/^\|/, "").replace(/\|$/, "");
  return inner.split("|").map((cell) => inlines(cell.trim()));
}

/** A list, with what is indented below its items as their own blocks. */
function list(lines: string[], at: number): [Block, number] {
  const first = ITEM.exec(lines[at] ?? "");
  const indent = first?.[1]?.length ?? 0;
  const items: Block[][] = [];
  let end = at;
  while (end < lines.length) {
    const item = ITEM.exec(lines[end] ?? "");
    if (!item || (item[1]?.length ?? 0) !== indent) break;
    const own = [item[3] ?? ""];
    end += 1;
    while (end < lines.length && belongs(lines, end, indent)) {
      own.push((lines[end] ?? "").replace(/^ {1,3}/, ""));
      end += 1;
    }
    items.push(blocksOf(own));
    const next = lines.findIndex((line, index) => index >= end && line.trim() !== "");
    if (ITEM.exec(lines[next] ?? "")?.[1]?.length === indent) end = next;
  }
  return [{ kind: "list", isOrdered: first?.[2] !== undefined, items }, end];
}

/** Whether a line belongs to the item above it: it is indented, or blank before one that is. */
function belongs(lines: string[], at: number, indent: number): boolean {
  const line = lines[at] ?? "";
  if (line.trim() !== "") return (/^ */.exec(line)?.[0].length ?? 0) > indent;
  return at + 1 < lines.length && /^ {2,}\S/.test(lines[at + 1] ?? "");
}

const INLINE = /`([^`]+)`|\*\*([^*]+)\*\*|\*([^*]+)\*|\[([^\]]+)\]\(([^)\s]+)\)/;

export function inlines(text: string): Inline[] {
  const found = INLINE.exec(text);
  if (!found) return text === "" ? [] : [{ kind: "text", text }];
  const [all, code, strong, em, label, href] = found;
  const before: Inline[] = found.index > 0 ? [{ kind: "text", text: text.slice(0, found.index) }] : [];
  const rest = inlines(text.slice(found.index + all.length));
  return [...before, inlineOf({ code, strong, em, label, href }), ...rest];
}

type Found = { code?: string; strong?: string; em?: string; label?: string; href?: string };

function inlineOf({ code, strong, em, label = "", href = "" }: Found): Inline {
  if (code !== undefined) return { kind: "code", text: code };
  if (strong !== undefined) return { kind: "strong", inside: inlines(strong) };
  if (em !== undefined) return { kind: "em", inside: inlines(em) };
  // A guide may point to the web and to nothing that runs.
  if (/^https?:\/\//.test(href)) return { kind: "link", href, inside: inlines(label) };
  return { kind: "text", text: label };
}
