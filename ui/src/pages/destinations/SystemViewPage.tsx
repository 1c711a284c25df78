// Platforms, accounts and destinations as a picture, and the same as a list.

import { LinkButton, SegmentedControl, SegmentedControlItem } from "@react-spectrum/s2";
import { useQuery } from "@tanstack/react-query";
import { POLL_MILLIS } from "../../api/queries";
import { recentRunsQuery } from "../../api/runs";
import { EmptyState } from "../../parts/EmptyState";
import { Loaded } from "../../parts/Loaded";
import css from "../../parts/page.module.css";
import { useSearch } from "../../parts/useSearch";
import { paths } from "../../paths";
import { destinations as room } from "../../strings/en/destinations";
import { SystemList } from "./SystemList";
import { SystemPicture } from "./SystemPicture";
import { systemOf } from "./system";
import { volumesOf } from "./volumes";
import { useWorkspace } from "./workspace";

const words = room.system;
const HOURS = 24;

export function SystemViewPage() {
  const [search, setSearch] = useSearch<"view">();
  const workspace = useWorkspace();
  const runs = useQuery({ ...recentRunsQuery(HOURS), refetchInterval: POLL_MILLIS });
  const view = search.view === "list" ? "list" : "picture";
  return (
    <div className={css.page}>
      <Loaded query={workspace}>
        {(data) => {
          const system = systemOf(data, volumesOf(runs.data?.items ?? []));
          if (system.platforms.length === 0) return <Nothing />;
          return (
            <>
              <div className={css.bar}>
                <SegmentedControl
                  aria-label={words.view}
                  selectedKey={view}
                  onSelectionChange={(key) => setSearch({ view: key === "list" ? "list" : undefined })}
                >
                  <SegmentedControlItem id="picture">{words.picture}</SegmentedControlItem>
                  <SegmentedControlItem id="list">{words.list}</SegmentedControlItem>
                </SegmentedControl>
              </div>
              {view === "list" ? <SystemList system={system} /> : <SystemPicture system={system} />}
            </>
          );
        }}
      </Loaded>
    </div>
  );
}

function Nothing() {
  return (
    <EmptyState
      title={words.empty}
      action={
        <LinkButton variant="accent" href={paths.catalog()}>
          {room.browse.toCatalog}
        </LinkButton>
      }
    >
      {words.emptyText}
    </EmptyState>
  );
}
