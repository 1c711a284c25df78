// Who is told of what happens to runs.

import { Button } from "@react-spectrum/s2";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { Subscription } from "../../api/dataShapes";
import { flowsQuery } from "../../api/flows";
import { deleteSubscription, subscriptionsQuery } from "../../api/settings";
import { ConfirmDialog } from "../../parts/ConfirmDialog";
import { type Column, DataTable } from "../../parts/DataTable";
import { EmptyState } from "../../parts/EmptyState";
import { Loaded } from "../../parts/Loaded";
import { RowMenu } from "../../parts/RowMenu";
import { showDone } from "../../parts/toast";
import { useAsked } from "../../parts/useAsked";
import { Time } from "../../parts/values";
import { settings as room } from "../../strings/en/settings";
import css from "../pages.module.css";
import { SubscriptionDialog } from "./SubscriptionDialog";
import { addressesOf } from "./subscription";

const words = room.alerts;

export function AlertsPage() {
  const query = useQuery(subscriptionsQuery);
  const flows = useQuery(flowsQuery);
  const queries = useQueryClient();
  const { asked, on, open, close } = useAsked();
  const names = new Map(flows.data?.items.map((flow) => [flow.id, flow.name]));
  const create = (
    <Button variant="accent" onPress={() => open("create")}>
      {words.create}
    </Button>
  );
  return (
    <Loaded query={query}>
      {({ items, hasMore }) => {
        const about = items.find(({ id }) => id === on);
        return (
          <div className={css.page}>
            {items.length === 0 ? (
              <EmptyState title={words.empty} action={create}>
                {words.emptyText}
              </EmptyState>
            ) : (
              <>
                <p className={css.quiet}>{words.lead}</p>
                <div className={css.bar}>{create}</div>
                <DataTable
                  label={room.tabs.alerts}
                  columns={columns(names, open)}
                  rows={items}
                  rowKey={({ id }) => id}
                  sort="name"
                  hasMore={hasMore}
                />
              </>
            )}
            {asked === "create" && <SubscriptionDialog onClose={close} />}
            {asked === "edit" && about && <SubscriptionDialog key={about.etag} subscription={about} onClose={close} />}
            {asked === "delete" && about && (
              <ConfirmDialog
                title={words.deleteTitle}
                isDestructive
                confirmLabel={words.deleteTitle}
                onConfirm={async () => {
                  await deleteSubscription(about);
                  showDone(room.deleted(about.name));
                  await queries.invalidateQueries({ queryKey: ["subscriptions"] });
                }}
                onClose={close}
              >
                {words.deleteText(about.name)}
              </ConfirmDialog>
            )}
          </div>
        );
      }}
    </Loaded>
  );
}

function columns(flows: Map<string, string>, open: (ask: string, on: string) => void): Column<Subscription>[] {
  return [
    { id: "name", label: words.name, minWidth: 172, sortBy: ({ name }) => name, cell: ({ name }) => name },
    {
      id: "menu",
      label: room.menu,
      width: 90,
      cell: ({ id, name }) => (
        <RowMenu
          label={room.more(name)}
          items={[
            { id: "edit", label: room.edit },
            { id: "delete", label: words.deleteTitle },
          ]}
          onAction={(ask) => open(ask, id)}
        />
      ),
    },
    {
      id: "kinds",
      label: words.kinds,
      minWidth: 240,
      cell: ({ kinds }) => {
        const text = (kinds ?? []).map((kind) => words.kindNames[kind] ?? kind).join(", ") || words.allKinds;
        return <span title={text}>{text}</span>;
      },
    },
    {
      id: "flow",
      label: words.flow,
      minWidth: 172,
      cell: ({ flowId }) => (flowId ? (flows.get(flowId) ?? flowId) : words.allFlows),
    },
    {
      id: "channel",
      label: words.channel,
      minWidth: 240,
      cell: ({ channel }) => {
        const text = channel.type === "webhook" ? channel.url : addressesOf(channel).join(", ");
        return <span title={text}>{text}</span>;
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
