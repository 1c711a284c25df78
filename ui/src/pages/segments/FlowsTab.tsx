// Where a segment flows.

import { LinkButton } from "@react-spectrum/s2";
import { useQuery } from "@tanstack/react-query";
import type { Definition } from "../../api/dataShapes";
import { flowsQuery } from "../../api/flows";
import { Anchor } from "../../parts/Anchor";
import { type Column, DataTable } from "../../parts/DataTable";
import { EmptyState } from "../../parts/EmptyState";
import { Loaded } from "../../parts/Loaded";
import css from "../../parts/page.module.css";
import { labelOf } from "../../parts/schema";
import { NONE, Time } from "../../parts/values";
import { WriteOnly } from "../../parts/WriteOnly";
import { paths } from "../../paths";
import { segments as room } from "../../strings/en/segments";
import { FlowLight } from "../destinations/states";
import { type Use, usesBySegment } from "./uses";

const words = room.flows;

export function FlowsTab({ segment }: { segment: Definition }) {
  const query = useQuery(flowsQuery);
  return (
    <Loaded query={query}>
      {({ items, hasMore }) => {
        const uses = usesBySegment(items).get(segment.id) ?? [];
        if (uses.length === 0)
          return (
            <EmptyState
              title={words.none}
              action={
                <WriteOnly>
                  <LinkButton variant="secondary" href={paths.activateOne({ segment: segment.id })}>
                    {room.activate}
                  </LinkButton>
                </WriteOnly>
              }
            >
              {words.noneText}
            </EmptyState>
          );
        return (
          <div className={css.page}>
            <DataTable
              label={room.tabs.flows}
              columns={columns}
              rows={uses}
              rowKey={({ flow }) => flow.id}
              sort="destination"
              hasMore={hasMore}
            />
          </div>
        );
      }}
    </Loaded>
  );
}

const columns: Column<Use>[] = [
  {
    id: "destination",
    label: words.destination,
    minWidth: 200,
    sortBy: ({ flow }) => flow.name,
    cell: ({ flow }) => <Anchor to={paths.flow(flow.id)}>{flow.name}</Anchor>,
  },
  { id: "state", label: words.state, minWidth: 130, cell: ({ flow }) => <FlowLight flow={flow} /> },
  { id: "schedule", label: words.schedule, minWidth: 200, cell: scheduleText },
  {
    id: "lastRun",
    label: words.lastRun,
    minWidth: 172,
    sortBy: ({ flow }) => flow.lastRunDetails?.completedAtUTC,
    cell: ({ flow }) => <Time at={flow.lastRunDetails?.completedAtUTC} />,
  },
];

function scheduleText({ schedule, exportMode }: Use): string {
  if (schedule === undefined) return words.streaming;
  const parts = [
    labelOf(schedule.frequency.toLowerCase()),
    schedule.startTime,
    exportMode && labelOf(exportMode.toLowerCase()),
  ];
  return parts.filter(Boolean).join(", ") || NONE;
}
