// When each segment is exported, and what its files are called; one by one or several at once.

import { ActionButton, Button, Checkbox, Tooltip, TooltipTrigger } from "@react-spectrum/s2";
import CalendarEdit from "@react-spectrum/s2/icons/CalendarEdit";
import Edit from "@react-spectrum/s2/icons/Edit";
import { useState } from "react";
import { extensionOf, fileName, type NameFacts, renderName } from "../../parts/fileName";
import { formatTime } from "../../parts/format";
import { NONE } from "../../parts/values";
import css from "../../parts/wizard.module.css";
import { activate as room } from "../../strings/en/activate";
import own from "./activate.module.css";
import type { DraftSegment } from "./draft";
import { FileNameDialog } from "./FileNameDialog";
import { ScheduleDialog } from "./ScheduleDialog";
import { nextRuns, type SegmentExport, scheduleProblems } from "./schedule";
import { scheduleText } from "./scheduleText";

const words = room.schedule;
const RUNS = 5;

type Props = {
  segments: DraftSegment[];
  onChange: (segments: DraftSegment[]) => void;
  /** What names are made of, but for the segment. */
  facts: Omit<NameFacts, "segmentId" | "segmentName" | "at">;
  /** The target's, which say what files are. */
  params: Record<string, unknown>;
  isEncrypted: boolean;
};

type Editing = { what: "schedule" | "name"; ids: string[] };

export function ScheduleStep({ segments, onChange, facts, params, isEncrypted }: Props) {
  const [picked, setPicked] = useState<Set<string>>(new Set());
  const [editing, setEditing] = useState<Editing>();
  const now = new Date();
  const extension = extensionOf(params, isEncrypted);
  // As the next file will be called.
  const factsOf = (one: DraftSegment): NameFacts => ({
    ...facts,
    segmentId: one.id,
    segmentName: one.name,
    at: nextRuns(one.export, now, 1)[0] ?? now,
  });
  const toEdit = segments.filter((one) => editing?.ids.includes(one.id));
  const [first] = toEdit;
  const change = (part: Partial<DraftSegment>) => {
    onChange(segments.map((one) => (editing?.ids.includes(one.id) ? { ...one, ...part } : one)));
    setEditing(undefined);
  };
  const pick = (id: string, isOn: boolean) => {
    const next = new Set(picked);
    if (isOn) next.add(id);
    else next.delete(id);
    setPicked(next);
  };
  const ids = segments.map((one) => one.id).filter((id) => picked.has(id));
  return (
    <div className={css.stack}>
      <p className={css.quiet}>{words.lead}</p>
      <div className={css.bar}>
        <Button
          variant="secondary"
          size="S"
          isDisabled={ids.length === 0}
          onPress={() => setEditing({ what: "schedule", ids })}
        >
          {words.edit}
        </Button>
        <Button
          variant="secondary"
          size="S"
          isDisabled={ids.length === 0}
          onPress={() => setEditing({ what: "name", ids })}
        >
          {words.editName}
        </Button>
        <span className={css.quiet} aria-live="polite">
          {ids.length === 0 ? words.many : room.segments.chosen(ids.length)}
        </span>
      </div>
      <div className={css.scroll}>
        <table className={css.table} aria-label={words.label}>
          <thead>
            <tr>
              <th>
                <Checkbox
                  aria-label={words.selectAll}
                  isSelected={ids.length === segments.length}
                  isIndeterminate={ids.length > 0 && ids.length < segments.length}
                  onChange={(isOn) => setPicked(new Set(isOn ? segments.map((one) => one.id) : []))}
                />
              </th>
              <th>{words.segment}</th>
              <th>{words.when}</th>
              <th>{words.next}</th>
              <th>{words.file}</th>
            </tr>
          </thead>
          <tbody>
            {segments.map((one) => (
              <tr key={one.id}>
                <td>
                  <Checkbox
                    aria-label={words.select(one.name)}
                    isSelected={picked.has(one.id)}
                    onChange={(isOn) => pick(one.id, isOn)}
                  />
                </td>
                <td className={css.names}>{one.name}</td>
                <td>
                  <span className={own.editable}>
                    <span>
                      {words.modes[one.export.exportMode]}
                      <br />
                      <span className={css.quiet}>{scheduleText(one.export.schedule)}</span>
                      <Problem one={one.export} now={now} />
                    </span>
                    <IconButton
                      label={words.editOf(one.name)}
                      onPress={() => setEditing({ what: "schedule", ids: [one.id] })}
                    >
                      <CalendarEdit />
                    </IconButton>
                  </span>
                </td>
                <td>
                  <NextFile one={one.export} now={now} />
                </td>
                <td>
                  <span className={own.editable}>
                    <code className={css.names}>{fileName(renderName(one.template, factsOf(one)), extension)}</code>
                    <IconButton
                      label={words.editNameOf(one.name)}
                      onPress={() => setEditing({ what: "name", ids: [one.id] })}
                    >
                      <Edit />
                    </IconButton>
                  </span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {editing?.what === "schedule" && first && (
        <ScheduleDialog
          what={whatOf(toEdit)}
          start={first.export}
          onApply={(value) => change({ export: value })}
          onClose={() => setEditing(undefined)}
        />
      )}
      {editing?.what === "name" && first && (
        <FileNameDialog
          what={whatOf(toEdit)}
          start={first.template}
          facts={factsOf(first)}
          extension={extension}
          onApply={(template) => change({ template })}
          onClose={() => setEditing(undefined)}
        />
      )}
    </div>
  );
}

function whatOf(segments: DraftSegment[]): string {
  return segments.length === 1 && segments[0] ? segments[0].name : words.of(segments.length);
}

function IconButton({ label, onPress, children }: { label: string; onPress: () => void; children: React.ReactNode }) {
  return (
    <TooltipTrigger>
      <ActionButton isQuiet size="S" aria-label={label} onPress={onPress}>
        {children}
      </ActionButton>
      <Tooltip>{label}</Tooltip>
    </TooltipTrigger>
  );
}

/** The first of the next files; hovering shows five. */
function NextFile({ one, now }: { one: SegmentExport; now: Date }) {
  const runs = nextRuns(one, now, RUNS);
  const [first] = runs;
  if (!first) return <span>{NONE}</span>;
  return (
    <time dateTime={first.toISOString()} title={runs.map((at) => formatTime(at)).join("\n")}>
      {formatTime(first)}
    </time>
  );
}

function Problem({ one, now }: { one: SegmentExport; now: Date }) {
  const [problem] = scheduleProblems(one, now);
  return problem ? <span className={own.problem}>{words.problems[problem]}</span> : null;
}
