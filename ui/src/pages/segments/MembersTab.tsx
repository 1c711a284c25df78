// How many members a segment had at its evaluations.

import { useQuery } from "@tanstack/react-query";
import type { Definition } from "../../api/dataShapes";
import { type Evaluated, historyQuery } from "../../api/definitions";
import { POLL_MILLIS } from "../../api/queries";
import { Choice } from "../../parts/Choice";
import { type Column, DataTable } from "../../parts/DataTable";
import { EmptyState } from "../../parts/EmptyState";
import { Loaded } from "../../parts/Loaded";
import css from "../../parts/page.module.css";
import { useSearch } from "../../parts/useSearch";
import { Count, Time } from "../../parts/values";
import { segments as room } from "../../strings/en/segments";
import { LineChart } from "./LineChart";

const words = room.members;
const USUAL = "31";
const LIMITS = [USUAL, "90", "366"];

export function MembersTab({ segment }: { segment: Definition }) {
  const [search, setSearch] = useSearch<"limit">();
  const limit = LIMITS.find((one) => one === search.limit) ?? USUAL;
  const query = useQuery({ ...historyQuery(segment.id, Number(limit)), refetchInterval: POLL_MILLIS });
  return (
    <Loaded query={query}>
      {(history) =>
        history.length === 0 ? (
          <EmptyState title={words.none}>{words.noneText}</EmptyState>
        ) : (
          <div className={css.page}>
            <div className={css.bar}>
              <Choice
                label={words.shown}
                items={LIMITS.map((one) => ({ id: one, name: one }))}
                value={limit}
                onChange={(next) => setSearch({ limit: next === USUAL ? undefined : next })}
              />
            </div>
            <LineChart
              label={words.chart(history.length)}
              seconds={areClose(history)}
              points={[...history].reverse().map(({ evaluatedAt, profiles }) => ({ at: evaluatedAt, value: profiles }))}
            />
            <DataTable
              label={words.title}
              columns={columns(areClose(history))}
              rows={history}
              rowKey={(row) => row.evaluationId}
              sort="-when"
              isFit
            />
          </div>
        )
      }
    </Loaded>
  );
}

const numbers = ["realized", "existing", "exited"] as const;

/** Whether there are evaluations of one minute, which only their seconds tell apart. */
function areClose(history: Evaluated[]): boolean {
  const minutes = history.map(({ evaluatedAt }) => Math.floor(evaluatedAt / 60_000));
  return new Set(minutes).size < minutes.length;
}

const columns = (seconds: boolean): Column<Evaluated>[] => [
  {
    id: "when",
    label: words.when,
    minWidth: 172,
    sortBy: (row) => row.evaluatedAt,
    cell: (row) => <Time at={row.evaluatedAt} seconds={seconds} />,
  },
  {
    id: "members",
    label: words.members,
    align: "end",
    sortBy: (row) => row.profiles,
    cell: (row) => <Count value={row.profiles} />,
  },
  ...numbers.map(
    (name): Column<Evaluated> => ({
      id: name,
      label: words[name],
      align: "end",
      sortBy: (row) => row[name],
      cell: (row) => <Count value={row[name]} />,
    }),
  ),
];
