// What goes on: how much was delivered, what failed, what ran.

import { useQuery } from "@tanstack/react-query";
import { POLL_MILLIS } from "../../api/queries";
import { recentRunsQuery } from "../../api/runs";
import { segmentNamesQuery } from "../../api/segments";
import type { Run } from "../../api/shapes";
import { DataTable } from "../../parts/DataTable";
import { formatBytes, formatCount } from "../../parts/format";
import { Loaded } from "../../parts/Loaded";
import css from "../../parts/page.module.css";
import { Section, Tile } from "../../parts/Section";
import { destinations as room } from "../../strings/en/destinations";
import { Attention } from "./Attention";
import { FirstSteps, isActivated } from "./FirstSteps";
import { runColumns } from "./runColumns";
import { sumOf } from "./volumes";
import { useWorkspace, type Workspace } from "./workspace";

const words = room.overview;
const HOURS = 24;

export function OverviewPage() {
  const query = useWorkspace();
  return <Loaded query={query}>{(workspace) => <Overview workspace={workspace} />}</Loaded>;
}

function Overview({ workspace }: { workspace: Workspace }) {
  const runs = useQuery({ ...recentRunsQuery(HOURS), refetchInterval: POLL_MILLIS });
  return (
    <div className={css.page}>
      {!isActivated(workspace) && <FirstSteps workspace={workspace} />}
      {workspace.destinations.length > 0 && (
        <Loaded query={runs}>
          {(listed) => (
            <>
              <Tiles workspace={workspace} runs={listed.items} />
              <Attention destinations={workspace.destinations} />
              <Recent runs={listed.items} />
            </>
          )}
        </Loaded>
      )}
    </div>
  );
}

function Tiles({ workspace, runs }: { workspace: Workspace; runs: Run[] }) {
  const all = workspace.destinations.length;
  const enabled = workspace.destinations.filter(({ flow }) => flow.state === "enabled").length;
  const sum = sumOf(runs);
  return (
    <div className={css.tiles}>
      <Tile label={words.destinations} value={formatCount(all)}>
        {words.enabledOf(enabled, all)}
      </Tile>
      <Tile label={words.running} value={formatCount(sum.running)}>
        {words.runningText}
      </Tile>
      <Tile label={words.delivered} value={formatBytes(sum.bytes)}>
        {words.rows(formatCount(sum.rows))}
      </Tile>
      <Tile label={words.failed} value={formatCount(sum.failed)}>
        {words.lastDay}
      </Tile>
    </div>
  );
}

function Recent({ runs }: { runs: Run[] }) {
  const { data: names } = useQuery(segmentNamesQuery);
  const columns = runColumns((id) => names?.get(id), Date.now());
  const { start, destination, segment, status, activated, size } = columns;
  const shown = [start, destination, segment, status, activated, size].filter((column) => column !== undefined);
  return (
    <Section title={words.recent}>
      {runs.length === 0 ? (
        <p>{words.noRuns}</p>
      ) : (
        <DataTable isFit label={words.recent} columns={shown} rows={runs} rowKey={(run) => run.id} sort="-start" />
      )}
    </Section>
  );
}
