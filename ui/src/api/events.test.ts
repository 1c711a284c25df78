import { expect, test } from "vitest";
import { EventParser } from "./events";

test("events are whole however their text is cut, and comments are none", () => {
  const parser = new EventParser();
  expect(parser.take("event: prog")).toEqual([]);
  expect(parser.take('ress\ndata: {"a":1}\n')).toEqual([]);
  expect(parser.take("\n: still there\n\nevent: end\r\ndata: x\r\ndata: y\r\n\r\n")).toEqual([
    { event: "progress", data: '{"a":1}' },
    { event: "end", data: "x\ny" },
  ]);
});
