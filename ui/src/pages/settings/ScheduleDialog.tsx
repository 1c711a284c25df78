import { Checkbox, CheckboxGroup, Radio, RadioGroup, Switch, TextField } from "@react-spectrum/s2";
import { style } from "@react-spectrum/s2/style" with { type: "macro" };
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Schedule } from "../../api/dataShapes";
import { definitionsQuery } from "../../api/definitions";
import { createSchedule, patchSchedule } from "../../api/settings";
import { FormDialog } from "../../parts/FormDialog";
import { faultAt } from "../../parts/formFields";
import { showDone } from "../../parts/toast";
import { t } from "../../strings/en";
import { settings as room } from "../../strings/en/settings";
import { cronText } from "./cron";

const words = room.schedules;
const full = style({ width: "full" });
const DAILY = "0 0 6 * * ?";

export function ScheduleDialog({ schedule, onClose }: { schedule?: Schedule; onClose: () => void }) {
  const queries = useQueryClient();
  const segments = useQuery(definitionsQuery);
  const before = schedule?.properties.segments ?? ["*"];
  const [name, setName] = useState(schedule?.name ?? "");
  const [cron, setCron] = useState(schedule?.schedule ?? DAILY);
  const [isActive, setActive] = useState(schedule === undefined || schedule.state === "active");
  const [isAll, setAll] = useState(before.includes("*"));
  const [chosen, setChosen] = useState(before.filter((id) => id !== "*"));
  const said = cronText(cron);
  return (
    <FormDialog
      title={schedule ? words.editTitle : words.create}
      submitLabel={t.save}
      isDisabled={name.trim() === "" || cron.trim() === "" || (!isAll && chosen.length === 0)}
      onClose={onClose}
      onReload={schedule && (() => queries.invalidateQueries({ queryKey: ["schedules"] }))}
      onSubmit={async () => {
        const body = {
          name: name.trim(),
          schedule: cron.trim(),
          state: isActive ? "active" : "inactive",
          properties: { segments: isAll ? ["*"] : chosen },
        };
        await (schedule
          ? patchSchedule(
              schedule,
              Object.entries(body).map(([member, value]) => ({ op: "add", path: `/${member}`, value })),
            )
          : createSchedule(body));
        showDone(room.saved(name));
        await queries.invalidateQueries({ queryKey: ["schedules"] });
      }}
    >
      {(problem) => (
        <>
          <TextField
            label={words.name}
            isRequired
            autoFocus
            value={name}
            onChange={setName}
            {...faultAt(problem, "/name")}
            styles={full}
          />
          <TextField
            label={words.cron}
            description={said === cron ? words.cronHelp : `${said}. ${words.cronHelp}`}
            isRequired
            value={cron}
            onChange={setCron}
            {...faultAt(problem, "/schedule")}
            styles={full}
          />
          <Switch isSelected={isActive} onChange={setActive}>
            {words.active}
          </Switch>
          <RadioGroup
            label={words.segments}
            orientation="horizontal"
            value={isAll ? "all" : "some"}
            onChange={(value) => setAll(value === "all")}
          >
            <Radio value="all">{words.all}</Radio>
            <Radio value="some">{words.choose}</Radio>
          </RadioGroup>
          {!isAll && (
            <CheckboxGroup aria-label={words.segments} value={chosen} onChange={setChosen}>
              {(segments.data?.items ?? []).map((segment) => (
                <Checkbox key={segment.id} value={segment.id}>
                  {segment.name}
                </Checkbox>
              ))}
            </CheckboxGroup>
          )}
        </>
      )}
    </FormDialog>
  );
}
