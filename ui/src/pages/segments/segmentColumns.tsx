import { useQuery } from "@tanstack/react-query";
import type { Definition } from "../../api/dataShapes";
import { historyQuery } from "../../api/definitions";
import { Anchor } from "../../parts/Anchor";
import type { Column } from "../../parts/DataTable";
import { Sparkline } from "../../parts/Sparkline";
import { Clipped, Count, NONE, Time } from "../../parts/values";
import { paths } from "../../paths";
import { segments as words } from "../../strings/en/segments";
import css from "./segments.module.css";
import type { Use } from "./uses";

export function segmentColumns(uses: Map<string, Use[]>): Column<Definition>[] {
  const usesOf = (segment: Definition) => uses.get(segment.id)?.length ?? 0;
  return [
    {
      id: "name",
      label: words.columns.name,
      minWidth: 180,
      sortBy: (segment) => segment.name,
      cell: (segment) => (
        <Anchor to={paths.segment(segment.id)} title={segment.name}>
          {segment.name}
        </Anchor>
      ),
    },
    {
      id: "size",
      label: words.columns.size,
      align: "end",
      width: 112,
      sortBy: (segment) => segment.counts?.profiles,
      cell: (segment) => <Count value={segment.counts?.profiles} />,
    },
    { id: "trend", label: words.columns.trend, width: 130, cell: (segment) => <Trend segment={segment} /> },
    {
      id: "used",
      label: words.columns.used,
      width: 150,
      sortBy: usesOf,
      cell: (segment) =>
        usesOf(segment) === 0 ? (
          words.unused
        ) : (
          <Anchor to={paths.segment(segment.id, { tab: "flows" })}>{words.usedBy(usesOf(segment))}</Anchor>
        ),
    },
    {
      id: "rule",
      label: words.columns.rule,
      width: "2fr",
      minWidth: 240,
      cell: (segment) => <Clipped isCode>{segment.expression.value}</Clipped>,
    },
    {
      id: "evaluated",
      label: words.columns.evaluated,
      width: 172,
      sortBy: (segment) => segment.counts?.evaluatedAt,
      cell: (segment) => (segment.counts ? <Time at={segment.counts.evaluatedAt} /> : words.never),
    },
    {
      id: "changed",
      label: words.columns.changed,
      minWidth: 172,
      isExtra: true,
      sortBy: (segment) => segment.updateTime,
      cell: (segment) => <Time at={segment.updateTime} />,
    },
    {
      id: "by",
      label: words.columns.by,
      isExtra: true,
      sortBy: (segment) => segment.createdBy,
      cell: (segment) => segment.createdBy ?? NONE,
    },
    {
      id: "description",
      label: words.columns.description,
      minWidth: 200,
      isExtra: true,
      cell: (segment) => segment.description || NONE,
    },
  ];
}

/** Members at the last evaluations as a small line, drawn for the rows that are shown. */
function Trend({ segment }: { segment: Definition }) {
  const isEvaluated = segment.counts !== undefined && segment.counts !== null;
  const { data } = useQuery({ ...historyQuery(segment.id, 31), enabled: isEvaluated, staleTime: 60_000 });
  if (!isEvaluated || data === undefined) return <span>{NONE}</span>;
  const [last] = data;
  return (
    <span className={css.spark}>
      <Sparkline
        values={data.map((row) => row.profiles).reverse()}
        label={words.trendText(last?.realized ?? 0, last?.exited ?? 0)}
      />
    </span>
  );
}
