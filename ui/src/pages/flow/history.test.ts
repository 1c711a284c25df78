import { expect, test } from "vitest";
import type { Run } from "../../api/shapes";
import { LANES_MAX, lanesOf } from "./history";

const run = (id: string, segmentId: string, slot: string) => ({ id, segmentId, slot }) as Run;
const nameOf = (id: string) => id;
const ids = (runs: Run[]) => lanesOf(runs, nameOf).lanes.map((lane) => lane.runs.map((one) => one?.id));

test("runs that were due together stand in one column, each in its segment's lane", () => {
  const runs = [
    run("b2", "b", "2026-11-27T06:00:00Z"),
    run("a2", "a", "2026-11-27T06:00:00Z"),
    run("a1", "a", "2026-11-26T06:00:00Z"),
  ];
  expect(ids(runs)).toEqual([
    ["a1", "a2"],
    [undefined, "b2"],
  ]);
});

test("the newest columns and the first lanes are kept, and the others counted", () => {
  const long = Array.from({ length: 50 }, (_, n) => run(String(n), "a", new Date(n * 1000).toISOString()));
  const [lane] = lanesOf(long, nameOf).lanes;
  expect(lane?.runs).toHaveLength(40);
  expect(lane?.runs.at(-1)?.id).toBe("49");
  const wide = Array.from({ length: LANES_MAX + 2 }, (_, n) => run(String(n), `s${n}`, "2026-11-27T06:00:00Z"));
  expect(lanesOf(wide, nameOf)).toMatchObject({ leftOut: 2 });
});
