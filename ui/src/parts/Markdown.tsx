// Guides as elements. Nothing of the text is taken for HTML.

import { createElement, type ReactNode } from "react";
import { t } from "../strings/en";
import { CopyBlock } from "./CopyBlock";
import { type Block, type Inline, inlines, parseMarkdown } from "./markdown";
import css from "./markdown.module.css";

/** `level` is that of the text's first headings on the page. */
export function Markdown({ text, level = 2 }: { text: string; level?: number }) {
  return (
    <div className={css.markdown}>{parseMarkdown(text).map((block, index) => showBlock(block, level, index))}</div>
  );
}

function showBlock(block: Block, level: number, key: number): ReactNode {
  switch (block.kind) {
    case "heading":
      return createElement(`h${Math.min(6, block.level + level - 1)}`, { key }, showInlines(block.inside));
    case "paragraph":
      return <p key={key}>{showInlines(block.inside)}</p>;
    case "code":
      return <CopyBlock key={key} isBlock text={block.text} label={t.code} />;
    case "list": {
      const items = block.items.map((item, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a parsed text does not change its order
        <li key={index}>{item.map((inner, at) => showBlock(inner, level, at))}</li>
      ));
      return block.isOrdered ? <ol key={key}>{items}</ol> : <ul key={key}>{items}</ul>;
    }
    case "table":
      return <Table key={key} head={block.head} rows={block.rows} />;
  }
}

function Table({ head, rows }: { head: Inline[][]; rows: Inline[][][] }) {
  /* biome-ignore-start lint/suspicious/noArrayIndexKey: a parsed text does not change its order */
  return (
    <table>
      <thead>
        <tr>
          {head.map((cell, at) => (
            <th key={at}>{showInlines(cell)}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, at) => (
          <tr key={at}>
            {row.map((cell, column) => (
              <td key={column}>{showInlines(cell)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
  /* biome-ignore-end lint/suspicious/noArrayIndexKey: as above */
}

/** A line of text with what guides mark in it. */
export function InlineText({ text }: { text: string }) {
  return <>{showInlines(inlines(text))}</>;
}

function showInlines(inside: Inline[]): ReactNode {
  return inside.map((inline, key) => {
    switch (inline.kind) {
      case "text":
        return inline.text;
      case "code":
        // biome-ignore lint/suspicious/noArrayIndexKey: a parsed text does not change its order
        return <code key={key}>{inline.text}</code>;
      case "link":
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a parsed text does not change its order
          <a key={key} href={inline.href} target="_blank" rel="noreferrer">
            {showInlines(inline.inside)}
          </a>
        );
      default:
        return createElement(inline.kind, { key }, showInlines(inline.inside));
    }
  });
}
