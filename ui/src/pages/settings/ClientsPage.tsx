// Who may use the API, and this console.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { sessionQuery } from "../../api/session";
import { type Client, clientsQuery, deleteClient, rotateSecret } from "../../api/settings";
import { ConfirmDialog } from "../../parts/ConfirmDialog";
import { type Column, DataTable } from "../../parts/DataTable";
import { Loaded } from "../../parts/Loaded";
import css from "../../parts/page.module.css";
import { RowMenu } from "../../parts/RowMenu";
import { HeadTools } from "../../parts/TabbedPages";
import { showDone } from "../../parts/toast";
import { useAsked } from "../../parts/useAsked";
import { Clipped, Time } from "../../parts/values";
import { Needs, WriteButton } from "../../parts/WriteOnly";
import { settings as room } from "../../strings/en/settings";
import { ClientDialog } from "./ClientDialog";
import { SecretDialog } from "./SecretDialog";
import { sandboxText, scopeText } from "./scopes";

const words = room.clients;

/** A secret that was just made. It is nowhere else, and gone with the page. */
type Made = { id: string; secret: string };

export function ClientsPage() {
  return (
    <Needs scope="*">
      <Clients />
    </Needs>
  );
}

function Clients() {
  const query = useQuery(clientsQuery);
  const session = useQuery(sessionQuery);
  const queries = useQueryClient();
  const { asked, on, open, close } = useAsked("*");
  const [made, setMade] = useState<Made>();
  const me = session.data?.clientId;
  const renew = () => queries.invalidateQueries({ queryKey: ["clients"] });
  return (
    <Loaded query={query}>
      {(clients) => {
        const about = clients.find(({ id }) => id === on);
        return (
          <div className={css.page}>
            <HeadTools>
              <WriteButton needs="*" variant="accent" onPress={() => open("create")}>
                {words.create}
              </WriteButton>
            </HeadTools>
            <p className={css.quiet}>{words.lead}</p>
            <DataTable
              label={room.tabs.clients}
              columns={columns(me, open)}
              rows={clients}
              rowKey={({ id }) => id}
              sort="id"
            />
            {asked === "create" && (
              <ClientDialog
                onMade={async (next) => {
                  setMade(next);
                  await renew();
                }}
                onClose={close}
              />
            )}
            {asked === "rotate" && about && (
              <ConfirmDialog
                title={words.rotate}
                isDestructive
                confirmLabel={words.rotate}
                onConfirm={async () => setMade(await rotateSecret(about.id))}
                onClose={close}
              >
                <p>{words.rotateText(about.id)}</p>
                {about.id === me && <p>{words.rotateYou}</p>}
              </ConfirmDialog>
            )}
            {asked === "delete" && about && (
              <ConfirmDialog
                title={words.delete}
                isDestructive
                confirmLabel={words.delete}
                onConfirm={async () => {
                  await deleteClient(about.id);
                  showDone(room.deleted(about.id));
                  await renew();
                }}
                onClose={close}
              >
                <p>{words.deleteText(about.id)}</p>
                {about.id === me && <p>{words.rotateYou}</p>}
              </ConfirmDialog>
            )}
            {made && <SecretDialog {...made} onClose={() => setMade(undefined)} />}
          </div>
        );
      }}
    </Loaded>
  );
}

function columns(me: string | undefined, open: (ask: string, on: string) => void): Column<Client>[] {
  return [
    {
      id: "id",
      label: words.id,
      minWidth: 200,
      sortBy: ({ id }) => id,
      cell: ({ id }) => (id === me ? `${id} (${words.you})` : id),
    },
    {
      id: "menu",
      label: room.menu,
      width: 90,
      cell: ({ id }) => (
        <RowMenu
          needs="*"
          label={room.more(id)}
          items={[
            { id: "rotate", label: words.rotate },
            { id: "delete", label: room.delete },
          ]}
          onAction={(ask) => open(ask, id)}
        />
      ),
    },
    {
      id: "name",
      label: words.name,
      width: "2fr",
      minWidth: 200,
      sortBy: ({ name }) => name,
      cell: ({ name }) => <Clipped>{name}</Clipped>,
    },
    { id: "scopes", label: words.scopes, width: 140, cell: ({ scopes }) => scopeText(scopes) },
    {
      id: "sandboxes",
      label: words.sandboxes,
      minWidth: 140,
      cell: ({ sandboxes }) => <Clipped>{sandboxText(sandboxes)}</Clipped>,
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
