import { useQuery } from "@tanstack/react-query";
import type { Definition } from "../../api/dataShapes";
import { historyQuery } from "../../api/definitions";
import { Anchor } from "../../parts/Anchor";
import type { Column } from "../../parts/DataTable";
import { Count, NONE, Time } from "../../parts/values";
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
      minWidth: 220,
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
      minWidth: 100,
      sortBy: (segment) => segment.counts?.profiles,
      cell: (segment) => <Count value={segment.counts?.profiles} />,
    },
    { id: "trend", label: words.columns.trend, width: 130, cell: (segment) => <Trend segment={segment} /> },
    {
      id: "used",
      label: words.columns.used,
      width: 160,
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
      minWidth: 220,
      cell: (segment) => <code title={segment.expression.value}>{segment.expression.value}</code>,
    },
    {
      id: "evaluated",
      label: words.columns.evaluated,
      minWidth: 172,
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

const WIDTH = 96;
const HEIGHT = 20;

/** Members at the last evaluations as a small line, drawn for the rows that are shown. */
function Trend({ segment }: { segment: Definition }) {
  const isEvaluated = segment.counts !== undefined && segment.counts !== null;
  const { data } = useQuery({ ...historyQuery(segment.id, 31), enabled: isEvaluated, staleTime: 60_000 });
  if (!isEvaluated || data === undefined) return <span>{NONE}</span>;
  const counts = data.map((row) => row.profiles).reverse();
  const [most, least] = [Math.max(...counts), Math.min(...counts)];
  const [last] = data;
  const x = (at: number) => (counts.length === 1 ? WIDTH / 2 : (at / (counts.length - 1)) * (WIDTH - 4) + 2);
  const y = (value: number) =>
    most === least ? HEIGHT / 2 : 2 + (1 - (value - least) / (most - least)) * (HEIGHT - 4);
  const label = words.trendText(last?.realized ?? 0, last?.exited ?? 0);
  return (
    <svg className={css.spark} width={WIDTH} height={HEIGHT} role="img" aria-label={label}>
      <title>{label}</title>
      <path
        className={css.chartLine}
        d={counts.map((one, at) => `${at === 0 ? "M" : "L"}${x(at)} ${y(one)}`).join("")}
      />
      <circle className={css.chartDot} cx={x(counts.length - 1)} cy={y(counts.at(-1) ?? 0)} r={2.5} />
    </svg>
  );
}
