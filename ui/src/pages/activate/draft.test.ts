import { expect, test } from "vitest";
import type { Flow } from "../../api/shapes";
import { changesOf, doubleHeaders, draftOf, flowOf, moved, newSegment, STATUS_PATH } from "./draft";

const now = new Date("2026-01-10T12:00:00Z");
const schedule = { frequency: "DAILY", triggerType: "SCHEDULED", startDate: "2026-01-05", startTime: "20:00" };
const flow = {
  id: "f",
  etag: '"3"',
  policy: { enforcementRefs: ["/dulepolicy/marketingActions/core/emailTargeting"], note: "kept" },
  transformations: [
    {
      name: "GeneralTransform",
      params: {
        other: { kept: 1 },
        segmentSelectors: {
          selectors: [
            {
              type: "PLATFORM_SEGMENT",
              value: { id: "s", name: "Loyal", exportMode: "DAILY_FULL_EXPORT", schedule, createTime: 7 },
            },
          ],
        },
        profileSelectors: {
          selectors: [
            { type: "JSON_PATH", value: { path: "xdm: a.b", mapping: { destination: "B", functionVersion: 1 } } },
            { type: "JSON_PATH", value: { path: "c", mapping: { destination: "c" } } },
          ],
          mandatoryFields: ["a.b"],
          primaryFields: [{ fieldType: "IDENTITY", identityNamespace: "Email" }],
        },
      },
    },
  ],
} as unknown as Flow;

test("a flow comes back as it was, with its keys in one place", () => {
  const draft = draftOf(flow, true, [], now);
  expect(draft.rows.map((row) => [row.path, row.header])).toEqual([
    ["a.b", "B"],
    ["c", ""],
  ]);
  expect([draft.mandatory, draft.namespace]).toEqual([["a.b"], "Email"]);
  const params = flowOf(flow, draft, true).transformations?.[0]?.params as Record<string, unknown>;
  expect(params.other).toEqual({ kept: 1 });
  expect(params.mandatoryFields).toEqual(["a.b"]);
  expect(params.primaryFields).toEqual([{ fieldType: "IDENTITY", identityNamespace: "Email" }]);
  expect(params.profileSelectors).toEqual({
    selectors: [
      {
        type: "JSON_PATH",
        value: { path: "a.b", operator: "EXISTS", mapping: { destination: "B", functionVersion: 1 } },
      },
      { type: "JSON_PATH", value: { path: "c", operator: "EXISTS" } },
    ],
  });
  const [segment] = (params.segmentSelectors as { selectors: { value: unknown }[] }).selectors;
  expect(segment?.value).toMatchObject({ id: "s", name: "Loyal", schedule, createTime: 7 });
  expect(flowOf(flow, draft, true).policy).toEqual(flow.policy);
});

test("a stream has neither schedules nor headers, and says what sends a message", () => {
  const draft = { ...draftOf(flow, false, [], now), rewrites: true };
  const params = flowOf(flow, draft, false).transformations?.[0]?.params;
  expect(params?.segmentSelectors?.selectors[0]?.value).toEqual({ id: "s", name: "Loyal", createTime: 7 });
  expect(params?.streaming).toMatchObject({ triggers: { segmentation: true }, rewrites: true });
  expect(params?.primaryFields).toBeUndefined();
});

test("a new flow begins with what is recommended and there", () => {
  const empty = { ...flow, transformations: [] } as Flow;
  const paths = draftOf(empty, true, ["personalEmail.address"], now).rows.map((row) => row.path);
  expect(paths).toEqual(["personalEmail.address", STATUS_PATH]);
  expect(draftOf(empty, false, [], now).rows).toEqual([]);
});

test("rows move, and equal headers are found", () => {
  expect(moved(["a", "b", "c"], 0, 2)).toEqual(["b", "c", "a"]);
  expect(moved(["a", "b"], 1, -1)).toEqual(["b", "a"]);
  const rows = ["a.b", "a_b"].map((path) => ({ key: path, path, header: "" }));
  expect([...doubleHeaders(rows)]).toEqual(["a_b"]);
});

test("changes are told", () => {
  const before = draftOf(flow, true, [], now);
  const fresh = newSegment("t", "T", now);
  const changes = changesOf(before, { ...before, segments: [fresh] });
  expect(changes.segment(fresh)).toBe("new");
  expect(changes.removed.map((segment) => segment.id)).toEqual(["s"]);
});
