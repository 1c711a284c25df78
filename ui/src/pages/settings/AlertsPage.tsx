// Who is told of what happens to runs.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { Subscription } from "../../api/dataShapes";
import { flowsQuery } from "../../api/flows";
import { deleteSubscription, subscriptionsQuery } from "../../api/settings";
import type { Column } from "../../parts/DataTable";
import { Loaded } from "../../parts/Loaded";
import { DeleteDialog, ManagedList, menuColumn } from "../../parts/ManagedList";
import { useAsked } from "../../parts/useAsked";
import { Clipped, Time } from "../../parts/values";
import { settings as room } from "../../strings/en/settings";
import { SubscriptionDialog } from "./SubscriptionDialog";
import { addressesOf } from "./subscription";

const words = room.alerts;

export function AlertsPage() {
  const query = useQuery(subscriptionsQuery);
  const flows = useQuery(flowsQuery);
  const queries = useQueryClient();
  const { asked, on, open, close } = useAsked();
  const names = new Map(flows.data?.items.map((flow) => [flow.id, flow.name]));
  return (
    <Loaded query={query}>
      {({ items, hasMore }) => {
        const about = items.find(({ id }) => id === on);
        return (
          <ManagedList
            label={room.tabs.alerts}
            columns={columns(names, open)}
            rows={items}
            rowKey={({ id }) => id}
            sort="name"
            hasMore={hasMore}
            words={words}
            onCreate={() => open("create")}
          >
            {asked === "create" && <SubscriptionDialog onClose={close} />}
            {asked === "edit" && about && <SubscriptionDialog key={about.etag} subscription={about} onClose={close} />}
            {asked === "delete" && about && (
              <DeleteDialog
                title={words.deleteTitle}
                confirmLabel={words.deleteTitle}
                done={room.deleted(about.name)}
                onDelete={() =>
                  deleteSubscription(about).then(() => queries.invalidateQueries({ queryKey: ["subscriptions"] }))
                }
                onClose={close}
              >
                {words.deleteText(about.name)}
              </DeleteDialog>
            )}
          </ManagedList>
        );
      }}
    </Loaded>
  );
}

function columns(flows: Map<string, string>, open: (ask: string, on: string) => void): Column<Subscription>[] {
  return [
    { id: "name", label: words.name, minWidth: 162, sortBy: ({ name }) => name, cell: ({ name }) => name },
    menuColumn(
      room,
      ({ id, name }) => ({ on: id, name }),
      [
        { id: "edit", label: room.edit },
        { id: "delete", label: words.deleteTitle },
      ],
      open,
    ),
    {
      id: "kinds",
      label: words.kinds,
      minWidth: 220,
      cell: ({ kinds }) => {
        const text = (kinds ?? []).map((kind) => words.kindNames[kind] ?? kind).join(", ") || words.allKinds;
        return <Clipped>{text}</Clipped>;
      },
    },
    {
      id: "flow",
      label: words.flow,
      minWidth: 162,
      cell: ({ flowId }) => (flowId ? (flows.get(flowId) ?? flowId) : words.allFlows),
    },
    {
      id: "channel",
      label: words.channel,
      minWidth: 220,
      cell: ({ channel }) => {
        const text = channel.type === "webhook" ? channel.url : addressesOf(channel).join(", ");
        return <Clipped>{text}</Clipped>;
      },
    },
    {
      id: "created",
      label: words.created,
      minWidth: 172,
      sortBy: ({ createdAt }) => createdAt,
      cell: ({ createdAt }) => <Time at={createdAt} />,
    },
  ];
}
