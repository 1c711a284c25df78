// When files are made, of one segment or of several, with the next five times as they come out.

import { parseDate, parseTime } from "@internationalized/date";
import {
  Button,
  ButtonGroup,
  Content,
  DatePicker,
  Dialog,
  DialogContainer,
  Heading,
  Picker,
  PickerItem,
  Radio,
  RadioGroup,
  Switch,
  TimeField,
} from "@react-spectrum/s2";
import { style } from "@react-spectrum/s2/style" with { type: "macro" };
import { useState } from "react";
import type { Schedule } from "../../api/shapes";
import { IsoDates } from "../../parts/IsoDates";
import { Time } from "../../parts/values";
import css from "../../parts/wizard.module.css";
import { t } from "../../strings/en";
import { activate as room } from "../../strings/en/activate";
import { destinations as destinationsWords } from "../../strings/en/destinations";
import own from "./activate.module.css";
import {
  AFTER_EVALUATION,
  dayBefore,
  type ExportMode,
  FULL,
  frequenciesOf,
  INCREMENTAL,
  mayFollowEvaluation,
  nextRuns,
  SCHEDULED,
  type SegmentExport,
  scheduleProblems,
  settled,
} from "./schedule";

const words = room.schedule;
const full = style({ width: "full" });
const RUNS = 5;

type Props = { what: string; start: SegmentExport; onApply: (value: SegmentExport) => void; onClose: () => void };

export function ScheduleDialog({ what, start, onApply, onClose }: Props) {
  const [value, setValue] = useState(() => settled(start));
  const { exportMode, schedule } = value;
  const set = (part: Partial<Schedule>) => setValue(settled({ exportMode, schedule: { ...schedule, ...part } }));
  const problems = scheduleProblems(value, new Date());
  const isAfter = schedule.triggerType === AFTER_EVALUATION;
  const isOnce = schedule.frequency === "ONCE";
  return (
    <DialogContainer onDismiss={onClose}>
      <Dialog size="M">
        <Heading slot="title">{words.title(what)}</Heading>
        <Content>
          <div className={css.dialog}>
            <RadioGroup
              label={words.mode}
              value={exportMode}
              onChange={(mode) => setValue(settled({ exportMode: mode as ExportMode, schedule }))}
            >
              {[FULL, INCREMENTAL].map((mode) => (
                <Radio key={mode} value={mode}>
                  {words.modes[mode]}
                </Radio>
              ))}
            </RadioGroup>
            <p className={css.quiet}>{words.modeTexts[exportMode]}</p>
            <div className={own.fields}>
              <Picker
                label={words.frequency}
                items={frequenciesOf(exportMode).map((id) => ({
                  id,
                  name: destinationsWords.details.frequencies[id] ?? id,
                }))}
                selectedKey={schedule.frequency}
                onSelectionChange={(key) => set({ frequency: String(key) })}
                styles={full}
              >
                {(item) => <PickerItem id={item.id}>{item.name}</PickerItem>}
              </Picker>
              {mayFollowEvaluation(value) && (
                <Picker
                  label={words.trigger}
                  items={[
                    { id: SCHEDULED, name: words.scheduled },
                    { id: AFTER_EVALUATION, name: words.afterEvaluation },
                  ]}
                  selectedKey={schedule.triggerType ?? SCHEDULED}
                  onSelectionChange={(key) => set({ triggerType: String(key) })}
                  styles={full}
                >
                  {(item) => <PickerItem id={item.id}>{item.name}</PickerItem>}
                </Picker>
              )}
            </div>
            <IsoDates>
              {!isAfter && (
                <TimeField
                  label={words.time}
                  hourCycle={24}
                  shouldForceLeadingZeros
                  value={parseTime(schedule.startTime ?? "00:00")}
                  onChange={(time) => time && set({ startTime: time.toString().slice(0, 5) })}
                  styles={full}
                />
              )}
              <DatePicker
                shouldForceLeadingZeros
                label={words.startDate}
                value={schedule.startDate ? parseDate(schedule.startDate) : null}
                onChange={(day) => set({ startDate: day?.toString() })}
                isInvalid={problems.includes("noStart")}
                errorMessage={words.problems.noStart}
                styles={full}
              />
              {!isOnce && schedule.endDate && (
                <DatePicker
                  shouldForceLeadingZeros
                  label={words.endDate}
                  description={words.lastFile(dayBefore(schedule.endDate))}
                  value={parseDate(schedule.endDate)}
                  onChange={(day) => day && set({ endDate: day.toString() })}
                  isInvalid={problems.includes("endBeforeStart")}
                  errorMessage={words.problems.endBeforeStart}
                  styles={full}
                />
              )}
            </IsoDates>
            {!isOnce && (
              <Switch
                isSelected={Boolean(schedule.endDate)}
                onChange={(hasEnd) => set({ endDate: hasEnd ? endAfter(schedule) : undefined })}
              >
                {words.hasEnd}
              </Switch>
            )}
            <section className={css.panel} aria-label={words.runs} aria-live="polite">
              <h3>{words.runs}</h3>
              {isAfter ? <p className={css.quiet}>{words.runsAfter}</p> : <Runs value={value} />}
            </section>
          </div>
        </Content>
        <ButtonGroup>
          <Button variant="secondary" onPress={onClose}>
            {t.cancel}
          </Button>
          <Button variant="accent" isDisabled={problems.length > 0} onPress={() => onApply(settled(value))}>
            {words.apply}
          </Button>
        </ButtonGroup>
      </Dialog>
    </DialogContainer>
  );
}

function Runs({ value }: { value: SegmentExport }) {
  const runs = nextRuns(value, new Date(), RUNS);
  if (runs.length === 0) return <p className={css.quiet}>{words.noRuns}</p>;
  return (
    <ol className={own.runs}>
      {runs.map((run) => (
        <li key={run.getTime()}>
          <Time at={run.getTime()} />
        </li>
      ))}
    </ol>
  );
}

/** A month after the start: an end to begin with. */
function endAfter({ startDate }: Schedule): string {
  const day = startDate ? parseDate(startDate) : parseDate(new Date().toISOString().slice(0, 10));
  return day.add({ months: 1 }).toString();
}
