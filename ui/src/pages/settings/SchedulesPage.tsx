// When segments are evaluated.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { Schedule } from "../../api/dataShapes";
import { deleteSchedule, patchSchedule, schedulesQuery } from "../../api/settings";
import type { Column } from "../../parts/DataTable";
import { Loaded } from "../../parts/Loaded";
import { DeleteDialog, ManagedList, menuColumn } from "../../parts/ManagedList";
import { StatusSwitch } from "../../parts/StatusSwitch";
import { showProblem } from "../../parts/toast";
import { useAsked } from "../../parts/useAsked";
import { Time } from "../../parts/values";
import { settings as room } from "../../strings/en/settings";
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
  return (
    <Loaded query={query}>
      {(schedules) => {
        const about = schedules.find(({ id }) => id === on);
        return (
          <ManagedList
            label={room.tabs.schedules}
            columns={columns(toggle, open)}
            rows={schedules}
            rowKey={({ id }) => id}
            sort="name"
            words={words}
            onCreate={() => open("create")}
          >
            {asked === "create" && <ScheduleDialog onClose={close} />}
            {asked === "edit" && about && <ScheduleDialog key={about.etag} schedule={about} onClose={close} />}
            {asked === "delete" && about && (
              <DeleteDialog
                title={words.deleteTitle}
                confirmLabel={room.delete}
                done={room.deleted(about.name)}
                onDelete={() => deleteSchedule(about).then(renew)}
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

function columns(
  toggle: (schedule: Schedule, isOn: boolean) => void,
  open: (ask: string, on: string) => void,
): Column<Schedule>[] {
  return [
    { id: "name", label: words.name, minWidth: 180, sortBy: ({ name }) => name, cell: ({ name }) => name },
    menuColumn(
      room,
      ({ id, name }) => ({ on: id, name }),
      [
        { id: "edit", label: room.edit },
        { id: "delete", label: room.delete },
      ],
      open,
    ),
    {
      id: "state",
      label: words.state,
      width: 170,
      sortBy: ({ state }) => state,
      cell: (schedule) => (
        <StatusSwitch
          label={words.switch(schedule.name)}
          isOn={schedule.state === "active"}
          state={schedule.state === "active" ? words.active : words.inactive}
          onChange={(isOn) => toggle(schedule, isOn)}
        />
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
