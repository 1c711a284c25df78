// What there is to know about a run.

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { segmentNamesQuery } from "../../api/segments";
import type { Run } from "../../api/shapes";
import { Anchor } from "../../parts/Anchor";
import { CopyBlock } from "../../parts/CopyBlock";
import { formatDuration } from "../../parts/format";
import { Facts } from "../../parts/Rail";
import { Bytes, Count, NONE, Time } from "../../parts/values";
import { paths } from "../../paths";
import { runs as room } from "../../strings/en/runs";
import { durationOf } from "../destinations/volumes";
import { isLive } from "./live";

const words = room.facts;

export function RunFacts({ run }: { run: Run }) {
  const { data: names } = useQuery(segmentNamesQuery);
  const { recordSummary, sizeSummary } = run.metrics;
  const { startedAtUTC, completedAtUTC } = run.metrics.durationSummary;
  // Of files these are counted when they are delivered; an hour of messages counts as it goes.
  const isKnown = run.kind === "window" || !isLive(run);
  const millis = durationOf(run, Date.now());
  const segment =
    run.segmentId === "" ? (
      room.allSegments
    ) : (
      <Anchor key="segment" to={paths.segment(run.segmentId)}>
        {names?.get(run.segmentId) ?? run.segmentId}
      </Anchor>
    );
  const facts: [string, ReactNode][] = [
    [room.columns.destination, <FlowLink key="flow" run={run} />],
    [room.columns.segment, segment],
    [room.columns.kind, room.kinds[run.kind] ?? run.kind],
  ];
  if (run.mode) facts.push([words.mode, words.modes[run.mode] ?? run.mode]);
  facts.push(
    [run.kind === "window" ? words.hour : words.slot, <Time key="slot" at={run.slot} seconds />],
    [words.started, <Time key="started" at={startedAtUTC} seconds />],
    [words.ended, <Time key="ended" at={completedAtUTC} seconds />],
    [words.duration, millis === undefined ? NONE : formatDuration(millis)],
    [room.columns.activated, <Count key="rows" value={isKnown ? recordSummary.outputRecordCount : undefined} />],
    [room.columns.size, <Bytes key="bytes" value={isKnown ? sizeSummary.outputBytes : undefined} />],
  );
  if (run.state === "queued" && run.nextAttemptAt) {
    facts.push([words.nextAttempt, <Time key="next" at={run.nextAttemptAt} seconds />]);
  }
  if (run.coalesced) facts.push([words.coalesced, <Count key="coalesced" value={run.coalesced} />]);
  if (run.manifest)
    facts.push([words.manifest, <CopyBlock key="manifest" text={run.manifest} label={words.manifest} />]);
  if (run.evaluationId) {
    facts.push([words.evaluation, <CopyBlock key="evaluation" text={run.evaluationId} label={words.evaluation} />]);
  }
  facts.push([words.id, <CopyBlock key="id" text={run.id} label={words.id} />]);
  return <Facts facts={facts} />;
}

function FlowLink({ run }: { run: Run }) {
  return <Anchor to={paths.flow(run.flowId)}>{run.flowName ?? run.flowId}</Anchor>;
}
