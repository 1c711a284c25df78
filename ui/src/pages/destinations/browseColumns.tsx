// Columns of the table of destinations.

import type { Flow } from "../../api/shapes";
import { Anchor } from "../../parts/Anchor";
import type { Column } from "../../parts/DataTable";
import { NONE, Time } from "../../parts/values";
import { paths } from "../../paths";
import { destinations as room } from "../../strings/en/destinations";
import { type FlowAction, FlowMenu } from "./FlowMenu";
import { FlowToggle } from "./FlowToggle";
import { Platform } from "./Platform";
import { flowState, RunLight } from "./states";
import { type Destination, segmentsOf, triggersOf, userOf } from "./workspace";

const words = room.browse;

export function browseColumns(act: (action: FlowAction, flow: Flow) => void): Column<Destination>[] {
  return [
    {
      id: "name",
      label: words.name,
      minWidth: 150,
      sortBy: ({ flow }) => flow.name,
      cell: ({ flow }) => (
        <Anchor to={paths.flow(flow.id)} title={flow.name}>
          {flow.name}
        </Anchor>
      ),
    },
    {
      id: "actions",
      label: words.actions,
      width: 90,
      cell: ({ flow }) => <FlowMenu flow={flow} size="XS" onAction={(action) => act(action, flow)} />,
    },
    {
      id: "status",
      label: words.state,
      minWidth: 134,
      sortBy: ({ flow }) => flowState(flow),
      cell: ({ flow }) => <FlowToggle flow={flow} onAction={(action) => act(action, flow)} />,
    },
    {
      id: "lastRunStatus",
      label: words.lastRunStatus,
      minWidth: 154,
      sortBy: ({ flow }) => flow.lastRunDetails?.state,
      cell: ({ flow: { lastRunDetails, streamStatus } }) =>
        // Of a stream that is an hour as a rule, which is under way however little there is to tell.
        lastRunDetails ? (
          <RunLight state={lastRunDetails.state} kind={streamStatus ? "window" : undefined} />
        ) : (
          words.never
        ),
    },
    {
      id: "lastRunDate",
      label: words.lastRunDate,
      minWidth: 168,
      sortBy: ({ flow }) => flow.lastRunDetails?.startedAtUTC,
      cell: ({ flow }) => <Time at={flow.lastRunDetails?.startedAtUTC} />,
    },
    {
      id: "destination",
      label: words.destination,
      minWidth: 178,
      sortBy: ({ spec }) => spec?.name,
      cell: ({ spec }) => <Platform spec={spec} />,
    },
    {
      id: "connectionType",
      label: words.connectionType,
      minWidth: 150,
      isExtra: true,
      sortBy: ({ spec }) => spec?.attributes.connectionType,
      cell: ({ spec }) => spec?.attributes.connectionType ?? NONE,
    },
    {
      id: "username",
      label: words.username,
      minWidth: 130,
      isExtra: true,
      sortBy: ({ account }) => userOf(account),
      cell: ({ account }) => <span title={userOf(account)}>{userOf(account) ?? NONE}</span>,
    },
    {
      id: "activationData",
      label: words.activationData,
      minWidth: 158,
      sortBy: ({ flow }) => segmentsOf(flow).length,
      cell: ({ flow }) => (
        <Anchor to={paths.flow(flow.id, { tab: "data" })}>{room.segments(segmentsOf(flow).length)}</Anchor>
      ),
    },
    {
      id: "created",
      label: words.created,
      minWidth: 168,
      isExtra: true,
      sortBy: ({ flow }) => flow.createdAt,
      cell: ({ flow }) => <Time at={flow.createdAt} />,
    },
    {
      id: "trigger",
      label: words.trigger,
      minWidth: 140,
      isExtra: true,
      cell: (destination) => triggersOf(destination).join(", ") || NONE,
    },
  ];
}
