import type { Departure } from "../../api/dataShapes";
import { Anchor } from "../../parts/Anchor";
import type { Column } from "../../parts/DataTable";
import { NONE, Time } from "../../parts/values";
import { paths } from "../../paths";
import { t } from "../../strings/en";
import { profiles as words } from "../../strings/en/profiles";

export function departureColumns(
  segments: Map<string, string> | undefined,
  flows: Set<string>,
  actionNames: (refs: string[]) => string,
): Column<Departure>[] {
  return [
    {
      id: "leftAt",
      label: words.columns.leftAt,
      minWidth: 172,
      sortBy: ({ leftAt }) => leftAt,
      cell: ({ leftAt }) => <Time at={leftAt} />,
    },
    {
      id: "destination",
      label: words.columns.destination,
      minWidth: 150,
      sortBy: ({ flowName }) => flowName,
      cell: ({ flowId, flowName }) =>
        flows.has(flowId) ? (
          <Anchor to={paths.flow(flowId)}>{flowName ?? flowId}</Anchor>
        ) : (
          words.gone(flowName ?? flowId)
        ),
    },
    {
      id: "segment",
      label: words.columns.segment,
      minWidth: 150,
      cell: ({ segmentId }) =>
        segmentId ? <Anchor to={paths.segment(segmentId)}>{segments?.get(segmentId) ?? segmentId}</Anchor> : NONE,
    },
    {
      id: "what",
      label: words.columns.what,
      minWidth: 220,
      cell: ({ file, url, sequence }) => (
        <span title={url ?? undefined}>{file ?? (sequence ? words.messages(sequence) : NONE)}</span>
      ),
    },
    {
      id: "run",
      label: words.columns.run,
      width: 110,
      cell: ({ runId }) => <Anchor to={paths.run(runId)}>{words.toRun}</Anchor>,
    },
    {
      id: "confirmed",
      label: words.columns.confirmed,
      width: 128,
      cell: ({ confirmed }) => (confirmed === undefined || confirmed === null ? NONE : confirmed ? t.yes : t.no),
    },
    {
      id: "actions",
      label: words.columns.actions,
      minWidth: 172,
      cell: ({ marketingActions }) => actionNames(marketingActions ?? []) || NONE,
    },
    { id: "target", label: words.columns.target, isExtra: true, cell: ({ target }) => target?.name ?? NONE },
    { id: "record", label: words.columns.record, isExtra: true, cell: ({ decision }) => decision ?? NONE },
  ];
}
