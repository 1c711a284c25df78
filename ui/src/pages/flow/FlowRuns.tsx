// The runs of a destination: how its stream is, volume and duration over time, and each run.

import { Switch } from "@react-spectrum/s2";
import { useQuery } from "@tanstack/react-query";
import { POLL_MILLIS } from "../../api/queries";
import { flowRunsQuery } from "../../api/runs";
import { segmentNamesQuery } from "../../api/segments";
import type { Flow, Run } from "../../api/shapes";
import type { Column } from "../../parts/DataTable";
import { DataTable } from "../../parts/DataTable";
import { EmptyState } from "../../parts/EmptyState";
import { Loaded } from "../../parts/Loaded";
import { Section } from "../../parts/Section";
import { useSearch } from "../../parts/useSearch";
import { destinations as destinationsWords } from "../../strings/en/destinations";
import { runs as words } from "../../strings/en/runs";
import { runColumns } from "../destinations/runColumns";
import { FlowPause } from "./FlowPause";
import { RunHistory } from "./RunHistory";
import { StreamPanel } from "./StreamPanel";

export function FlowRuns({ flow }: { flow: Flow }) {
  const query = useQuery({ ...flowRunsQuery(flow.id), refetchInterval: POLL_MILLIS });
  return (
    <>
      {flow.pause && <FlowPause flow={flow} pause={flow.pause} />}
      {flow.streamStatus && <StreamPanel flowId={flow.id} status={flow.streamStatus} />}
      <Loaded query={query}>
        {({ items, hasMore }) =>
          items.length === 0 ? (
            <EmptyState title={words.none}>{words.noneText}</EmptyState>
          ) : (
            <>
              <RunHistory runs={items} />
              <Runs runs={items} hasMore={hasMore} isStream={Boolean(flow.streamStatus)} />
            </>
          )
        }
      </Loaded>
    </>
  );
}

function Runs({ runs, hasMore, isStream }: { runs: Run[]; hasMore: boolean; isStream: boolean }) {
  const [search, setSearch] = useSearch<"only">();
  const { data: names } = useQuery(segmentNamesQuery);
  const { start, segment, status, kind, duration, received, activated, excluded, failed, size, files, created } =
    runColumns((id) => names?.get(id), Date.now());
  const [first, extra] = isStream
    ? [
        [start, status, activated, failed],
        [duration, received, excluded, size, kind],
      ]
    : [
        [start, status, segment, duration, activated],
        [received, excluded, size, files, kind, failed, created],
      ];
  // What is shown at first has room beside the facts in a window of 1280 pixels.
  const columns = [...first, ...extra.map((column) => column && { ...column, isExtra: true })];
  const isOnlyFailed = search.only === "failed";
  const rows = isOnlyFailed ? runs.filter((run) => run.state === "failed") : runs;
  return (
    <Section
      title={destinationsWords.details.runs}
      tools={
        <Switch
          size="S"
          isSelected={isOnlyFailed}
          onChange={(isOn) => setSearch({ only: isOn ? "failed" : undefined })}
        >
          {words.onlyFailed}
        </Switch>
      }
    >
      <DataTable
        isFit
        label={destinationsWords.details.runs}
        name={isStream ? "stream-runs" : "file-runs"}
        columns={columns.filter((column): column is Column<Run> => column !== undefined)}
        rows={rows}
        rowKey={(run) => run.id}
        sort="-start"
        hasMore={hasMore}
      />
    </Section>
  );
}
