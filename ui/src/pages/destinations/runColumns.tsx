// Columns of tables of runs.

import type { Run } from "../../api/shapes";
import { Anchor } from "../../parts/Anchor";
import type { Column } from "../../parts/DataTable";
import { formatDuration, formatTimeSecs, toDate } from "../../parts/format";
import { Bytes, Count, NONE, Time } from "../../parts/values";
import { paths } from "../../paths";
import { runs as room } from "../../strings/en/runs";
import { RunLight } from "./states";
import { durationOf } from "./volumes";

const words = room.columns;

/** When a run began; one that waits has no start, and is listed by when it was made. */
export const startOf = (run: Run) => run.metrics.durationSummary.startedAtUTC ?? run.createdAt;

export function runColumns(
  nameOf: (segmentId: string) => string | undefined,
  now: number,
): Record<string, Column<Run>> {
  const segment = (run: Run) => (run.segmentId === "" ? room.allSegments : (nameOf(run.segmentId) ?? run.segmentId));
  const records = (run: Run) => run.metrics.recordSummary;
  const excluded = (run: Run) => {
    const reasons = Object.values(records(run).balance?.excluded ?? {});
    return records(run).balance ? reasons.reduce((sum, n) => sum + n, 0) : undefined;
  };
  return {
    start: {
      id: "start",
      label: words.start,
      minWidth: 201,
      sortBy: startOf,
      cell: (run) => {
        const at = toDate(startOf(run));
        return <Anchor to={paths.run(run.id)}>{at ? formatTimeSecs(at) : NONE}</Anchor>;
      },
    },
    destination: {
      id: "destination",
      label: words.destination,
      minWidth: 148,
      sortBy: (run) => run.flowName,
      cell: (run) => (
        <Anchor to={paths.flow(run.flowId)} title={run.flowName ?? run.flowId}>
          {run.flowName ?? run.flowId}
        </Anchor>
      ),
    },
    segment: {
      id: "segment",
      label: words.segment,
      minWidth: 142,
      sortBy: segment,
      cell: (run) => <span title={segment(run)}>{segment(run)}</span>,
    },
    status: {
      id: "status",
      label: words.status,
      minWidth: 152,
      sortBy: (run) => run.state,
      cell: (run) => <RunLight state={run.state} kind={run.kind} />,
    },
    kind: {
      id: "kind",
      label: words.kind,
      minWidth: 168,
      sortBy: (run) => run.kind,
      cell: (run) => room.kinds[run.kind] ?? run.kind,
    },
    duration: {
      id: "duration",
      label: words.duration,
      minWidth: 130,
      align: "end",
      sortBy: (run) => durationOf(run, now),
      cell: (run) => {
        const millis = durationOf(run, now);
        return millis === undefined ? NONE : formatDuration(millis);
      },
    },
    received: number(
      "received",
      words.received,
      (run) => records(run).balance?.profilesSelected ?? records(run).inputRecordCount,
    ),
    activated: number("activated", words.activated, (run) => records(run).outputRecordCount),
    excluded: number("excluded", words.excluded, excluded),
    failed: number("failed", words.failed, (run) => records(run).balance?.failed),
    size: {
      id: "size",
      label: words.size,
      minWidth: 118,
      align: "end",
      sortBy: (run) => run.metrics.sizeSummary.outputBytes,
      cell: (run) => <Bytes value={run.metrics.sizeSummary.outputBytes} />,
    },
    files: number("files", words.files, (run) => run.metrics.fileSummary.outputFileCount),
    created: {
      id: "created",
      label: room.facts.slot,
      minWidth: 168,
      sortBy: (run) => run.slot,
      cell: (run) => <Time at={run.slot} />,
      isExtra: true,
    },
  };
}

function number(id: string, label: string, of: (run: Run) => number | undefined): Column<Run> {
  return { id, label, minWidth: widthOf(label), align: "end", sortBy: of, cell: (run) => <Count value={of(run)} /> };
}

/** Room for a heading in one line, with the mark of the sorting, in pixels. */
function widthOf(label: string): number {
  return 44 + 7.6 * label.length;
}
