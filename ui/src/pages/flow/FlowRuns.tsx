// The runs of a destination: how its stream is, volume and duration over time, and each run.

import { Switch } from "@react-spectrum/s2";
import { useQuery } from "@tanstack/react-query";
import { POLL_MILLIS } from "../../api/queries";
import { flowRunsQuery } from "../../api/runs";
import { segmentNamesQuery } from "../../api/segments";
import type { Flow, Run } from "../../api/shapes";
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

/** What is shown at first, in pixels: together it has room beside the facts in a window of 1280. */
const OF_FILES: Record<string, number> = { start: 206, status: 120, segment: 116, duration: 106, activated: 200 };
const OF_STREAM: Record<string, number> = { start: 206, status: 148, activated: 206, failed: 180 };
const MORE_OF_FILES = ["received", "excluded", "size", "files", "kind", "failed", "created"];
const MORE_OF_STREAM = ["duration", "received", "excluded", "size", "kind"];

function Runs({ runs, hasMore, isStream }: { runs: Run[]; hasMore: boolean; isStream: boolean }) {
  const [search, setSearch] = useSearch<"only">();
  const { data: names } = useQuery(segmentNamesQuery);
  const all = runColumns((id) => names?.get(id), Date.now());
  const widths = isStream ? OF_STREAM : OF_FILES;
  const columns = [...Object.keys(widths), ...(isStream ? MORE_OF_STREAM : MORE_OF_FILES)]
    .map((id) => all[id])
    .filter((column) => column !== undefined)
    .map((column) => ({ ...column, minWidth: widths[column.id] ?? column.minWidth, isExtra: !(column.id in widths) }));
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
        columns={columns}
        rows={rows}
        rowKey={(run) => run.id}
        sort="-start"
        hasMore={hasMore}
      />
    </Section>
  );
}
