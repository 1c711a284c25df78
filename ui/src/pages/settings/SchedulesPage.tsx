// When segments are evaluated.

import { Button, Switch } from "@react-spectrum/s2";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { Schedule } from "../../api/dataShapes";
import { deleteSchedule, patchSchedule, schedulesQuery } from "../../api/settings";
import { ConfirmDialog } from "../../parts/ConfirmDialog";
import { type Column, DataTable } from "../../parts/DataTable";
import { EmptyState } from "../../parts/EmptyState";
import { Loaded } from "../../parts/Loaded";
import { RowMenu } from "../../parts/RowMenu";
import { showDone, showProblem } from "../../parts/toast";
import { useAsked } from "../../parts/useAsked";
import { State, Time } from "../../parts/values";
import { settings as room } from "../../strings/en/settings";
import css from "../pages.module.css";
import { cronText } from "./cron";
import { ScheduleDialog } from "./ScheduleDialog";

const words = room.schedules;

export function SchedulesPage() {
  const query = useQuery(schedulesQuery);
  const queries = useQueryClient();
  const { asked, on, open, close } = useAsked();
  const renew = () => queries.invalidateQueries({ queryKey: ["schedules"] });
  const toggle = async (schedule: Schedule, isOn: boolean) => {
    try {
      await patchSchedule(schedule, [{ op: "add", path: "/state", value: isOn ? "active" : "inactive" }]);
    } catch (error) {
      showProblem(error, words.switch(schedule.name));
    }
    await renew();
  };
  const create = (
    <Button variant="accent" onPress={() => open("create")}>
      {words.create}
    </Button>
  );
  return (
    <Loaded query={query}>
      {(schedules) => {
        const about = schedules.find(({ id }) => id === on);
        return (
          <div className={css.page}>
            {schedules.length === 0 ? (
              <EmptyState title={words.empty} action={create}>
                {words.emptyText}
              </EmptyState>
            ) : (
              <>
                <p className={css.quiet}>{words.lead}</p>
                <div className={css.bar}>{create}</div>
                <DataTable
                  label={room.tabs.schedules}
                  columns={columns(toggle, open)}
                  rows={schedules}
                  rowKey={({ id }) => id}
                  sort="name"
                />
              </>
            )}
            {asked === "create" && <ScheduleDialog onClose={close} />}
            {asked === "edit" && about && <ScheduleDialog key={about.etag} schedule={about} onClose={close} />}
            {asked === "delete" && about && (
              <ConfirmDialog
                title={words.deleteTitle}
                isDestructive
                confirmLabel={room.delete}
                onConfirm={async () => {
                  await deleteSchedule(about);
                  showDone(room.deleted(about.name));
                  await renew();
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

function columns(
  toggle: (schedule: Schedule, isOn: boolean) => void,
  open: (ask: string, on: string) => void,
): Column<Schedule>[] {
  return [
    { id: "name", label: words.name, minWidth: 180, sortBy: ({ name }) => name, cell: ({ name }) => name },
    {
      id: "menu",
      label: room.menu,
      width: 90,
      cell: ({ id, name }) => (
        <RowMenu
          label={room.more(name)}
          items={[
            { id: "edit", label: room.edit },
            { id: "delete", label: room.delete },
          ]}
          onAction={(ask) => open(ask, id)}
        />
      ),
    },
    {
      id: "state",
      label: words.state,
      width: 170,
      sortBy: ({ state }) => state,
      cell: (schedule) => (
        <span className={css.row}>
          <Switch
            size="S"
            aria-label={words.switch(schedule.name)}
            isSelected={schedule.state === "active"}
            onChange={(isOn) => toggle(schedule, isOn)}
          />
          <State variant={schedule.state === "active" ? "positive" : "neutral"}>
            {schedule.state === "active" ? words.active : words.inactive}
          </State>
        </span>
      ),
    },
    {
      id: "when",
      label: words.when,
      minWidth: 200,
      cell: ({ schedule }) => <span title={schedule}>{cronText(schedule)}</span>,
    },
    {
      id: "segments",
      label: words.segments,
      minWidth: 140,
      cell: ({ properties: { segments } }) => (segments.includes("*") ? words.all : words.some(segments.length)),
    },
    {
      id: "created",
      label: words.created,
      minWidth: 172,
      sortBy: ({ createEpoch }) => createEpoch,
      cell: ({ createEpoch }) => <Time at={createEpoch * 1000} />,
    },
  ];
}
