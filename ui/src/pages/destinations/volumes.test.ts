import { expect, test } from "vitest";
import type { Run } from "../../api/shapes";
import { durationOf, sumOf, volumesOf } from "./volumes";

function run(flowId: string, state: string, rows: number, more: object = {}): Run {
  const metrics = {
    durationSummary: { startedAtUTC: 1000, completedAtUTC: state === "processing" ? undefined : 3000 },
    sizeSummary: { outputBytes: rows * 10 },
    recordSummary: { outputRecordCount: rows },
    fileSummary: {},
  };
  return { flowId, state, kind: "scheduled", segmentId: "s", metrics, ...more } as unknown as Run;
}

test("volumes are summed, and the open hour of a stream is nothing that runs", () => {
  const runs = [run("a", "success", 2), run("a", "failed", 0), run("b", "processing", 1, { kind: "window" })];
  expect(sumOf(runs)).toEqual({ runs: 3, rows: 3, bytes: 30, failed: 1, running: 0 });
  expect(volumesOf(runs).get("a")).toEqual({ runs: 2, rows: 2, bytes: 20, failed: 1, running: 0 });
  expect(sumOf([run("a", "queued", 0), run("a", "processing", 0)]).running).toBe(2);
});

test("what is in an hour of a stream is not counted twice", () => {
  const stream = { segmentId: "" };
  const runs = [
    run("a", "success", 5, { ...stream, kind: "window" }),
    run("a", "success", 5, { ...stream, kind: "now" }),
  ];
  expect(sumOf(runs)).toMatchObject({ runs: 2, rows: 5, bytes: 50 });
});

test("a run takes until it ends, or until now", () => {
  expect(durationOf(run("a", "success", 0), 9000)).toBe(2000);
  expect(durationOf(run("a", "processing", 0), 9000)).toBe(8000);
});
