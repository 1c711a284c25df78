// What is activated to a destination: segments with their schedules, and the mapping.

import { ActionButton } from "@react-spectrum/s2";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Schedule, SegmentSelector } from "../../api/shapes";
import { ConfirmDialog } from "../../parts/ConfirmDialog";
import { type Column, DataTable } from "../../parts/DataTable";
import { EmptyState } from "../../parts/EmptyState";
import { Section } from "../../parts/Section";
import { NONE } from "../../parts/values";
import { Barred, useMayWrite } from "../../parts/WriteOnly";
import { t } from "../../strings/en";
import { destinations as room } from "../../strings/en/destinations";
import { offReason } from "../destinations/FlowMenu";
import { useRunNow } from "../destinations/useRunNow";
import { type Destination, segmentsOf } from "../destinations/workspace";
import { Mapping } from "./Mapping";

const words = room.details;

export function ActivationData({ destination }: { destination: Destination }) {
  const { flow, spec } = destination;
  const segments = segmentsOf(flow);
  const [asked, setAsked] = useState<SegmentSelector>();
  const queries = useQueryClient();
  const mayWrite = useMayWrite();
  const runNow = useRunNow();
  if (segments.length === 0) return <EmptyState title={words.notActivated}>{words.notActivatedText}</EmptyState>;
  const isBatch = spec?.attributes.isBatch ?? true;
  const columns = isBatch
    ? [...SEGMENT, exportColumn(mayWrite ? offReason(flow) : t.access.write, setAsked), ...SCHEDULE]
    : SEGMENT;
  const name = asked?.value.name ?? asked?.value.id ?? "";
  return (
    <>
      <Section title={isBatch ? words.segmentsTitle : words.segments}>
        <DataTable
          isFit
          label={words.segments}
          name={isBatch ? "segments-batch" : undefined}
          columns={columns}
          rows={segments}
          rowKey={(one) => one.value.id}
        />
      </Section>
      <Mapping flow={flow} />
      {asked && (
        <ConfirmDialog
          title={words.exportNow}
          confirmLabel={words.exportNow}
          onClose={() => setAsked(undefined)}
          onConfirm={async () => {
            await runNow(flow, [asked.value.id]);
            await queries.invalidateQueries({ queryKey: ["runs"] });
          }}
        >
          {words.exportText(name)}
        </ConfirmDialog>
      )}
    </>
  );
}

const SEGMENT: Column<SegmentSelector>[] = [
  {
    id: "segment",
    label: words.segment,
    minWidth: 180,
    sortBy: ({ value }) => value.name ?? value.id,
    cell: ({ value }) => <span title={value.name}>{value.name ?? value.id}</span>,
  },
];

const SCHEDULE: Column<SegmentSelector>[] = [
  { id: "schedule", label: words.schedule, minWidth: 190, cell: ({ value }) => scheduleText(value.schedule) },
  {
    id: "exportType",
    label: words.exportType,
    minWidth: 130,
    cell: ({ value }) => (value.exportMode === "FIRST_FULL_THEN_INCREMENTAL" ? words.incremental : words.full),
  },
  {
    id: "start",
    label: words.start,
    minWidth: 124,
    sortBy: ({ value }) => value.schedule?.startDate,
    cell: ({ value }) => value.schedule?.startDate ?? NONE,
  },
  {
    id: "end",
    label: words.end,
    minWidth: 124,
    sortBy: ({ value }) => value.schedule?.endDate,
    cell: ({ value }) => value.schedule?.endDate ?? words.noEnd,
  },
  {
    id: "fileName",
    label: words.fileName,
    minWidth: 220,
    isExtra: true,
    cell: ({ value }) => <code title={value.filenameTemplate}>{value.filenameTemplate ?? NONE}</code>,
  },
];

function exportColumn(why: string | undefined, onAsk: (segment: SegmentSelector) => void): Column<SegmentSelector> {
  return {
    id: "export",
    label: room.browse.actions,
    width: 150,
    cell: (segment) => (
      <Barred why={why}>
        {(isBarred) => (
          <ActionButton size="XS" isDisabled={isBarred} onPress={() => onAsk(segment)}>
            {words.exportNow}
          </ActionButton>
        )}
      </Barred>
    ),
  };
}

/** A schedule as a person would say it. */
export function scheduleText(schedule: Schedule | undefined): string {
  if (!schedule) return NONE;
  const frequency = words.frequencies[schedule.frequency] ?? schedule.frequency;
  if (schedule.triggerType === "AFTER_SEGMENT_EVAL") return words.afterEvaluation(frequency);
  return schedule.startTime ? words.at(frequency, schedule.startTime) : frequency;
}
