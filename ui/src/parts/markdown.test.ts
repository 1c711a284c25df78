import { expect, test } from "vitest";
import { inlines, parseMarkdown } from "./markdown";

test("blocks", () => {
  const text = "# A\n\nOne\ntwo.\n\n```sh\nx | y\n- z\n```\n\n| a | b |\n|---|---|\n| `1` | 2 |\n\nEnd.";
  expect(parseMarkdown(text).map((block) => block.kind)).toEqual([
    "heading",
    "paragraph",
    "code",
    "table",
    "paragraph",
  ]);
  expect(parseMarkdown(text)[2]).toEqual({ kind: "code", text: "x | y\n- z" });
});

test("lists keep what belongs to their items", () => {
  const [list, after] = parseMarkdown("1. One\n   goes on.\n\n   ```sh\n   code\n   ```\n\n2. Two\n\nAfter.");
  expect(after?.kind).toBe("paragraph");
  expect(list?.kind === "list" && list.isOrdered && list.items.map((item) => item.map((block) => block.kind))).toEqual([
    ["paragraph", "code"],
    ["paragraph"],
  ]);
});

test("what is in a line, and no link that runs", () => {
  expect(inlines("a `b` **c *d*** [e](https://f) [g](javascript:h)").map((inline) => inline.kind)).toContain("link");
  expect(inlines("[g](javascript:h)")).toEqual([{ kind: "text", text: "g" }]);
});
