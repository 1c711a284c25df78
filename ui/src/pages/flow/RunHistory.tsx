// Volume and duration of the newest runs: a lane for each segment, the newest at the right. Every pair of bars is a link to
// its run.

import { useQuery } from "@tanstack/react-query";
import { segmentNamesQuery } from "../../api/segments";
import type { Run } from "../../api/shapes";
import { Anchor } from "../../parts/Anchor";
import { formatBytes, formatDuration, formatTimeSecs, toDate } from "../../parts/format";
import css from "../../parts/page.module.css";
import { Section } from "../../parts/Section";
import { paths } from "../../paths";
import { runs as room } from "../../strings/en/runs";
import { startOf } from "../destinations/runColumns";
import { durationOf } from "../destinations/volumes";
import own from "./flow.module.css";
import { lanesOf } from "./history";

const words = room.history;
const BAR_PX = 40;

export function RunHistory({ runs }: { runs: Run[] }) {
  const { data: names } = useQuery(segmentNamesQuery);
  const nameOf = (id: string) => (id === "" ? room.allSegments : (names?.get(id) ?? id));
  if (runs.length < 2) return null;
  const now = Date.now();
  const { lanes, leftOut } = lanesOf(runs, nameOf);
  const shown = lanes.flatMap((lane) => lane.runs.filter((run) => run !== undefined));
  const max = {
    bytes: Math.max(1, ...shown.map((run) => bytesOf(run))),
    millis: Math.max(1, ...shown.map((run) => durationOf(run, now) ?? 0)),
  };
  return (
    <Section title={words.title}>
      <div className={own.chart}>
        {lanes.map(({ segmentId, runs: placed }) => (
          <div key={segmentId} className={own.lane}>
            <span className={own.axis} title={nameOf(segmentId)}>
              {nameOf(segmentId)}
            </span>
            <ol className={own.bars} aria-label={words.label(placed.filter(Boolean).length, nameOf(segmentId))}>
              {placed.map((run, place) =>
                run ? (
                  <li key={run.slot}>
                    <Bars run={run} segment={nameOf(segmentId)} now={now} max={max} />
                  </li>
                ) : (
                  // biome-ignore lint/suspicious/noArrayIndexKey: an empty place is nothing but its place
                  <li key={place} aria-hidden />
                ),
              )}
            </ol>
          </div>
        ))}
      </div>
      <p className={own.legend}>
        <i className={own.volume} /> {words.volume(formatBytes(max.bytes))} <i className={own.duration} />{" "}
        {words.duration(formatDuration(max.millis))}
      </p>
      {leftOut > 0 && <p className={css.quiet}>{words.more(leftOut)}</p>}
    </Section>
  );
}

type BarsProps = { run: Run; segment: string; now: number; max: { bytes: number; millis: number } };

function Bars({ run, segment, now, max }: BarsProps) {
  const [bytes, millis] = [bytesOf(run), durationOf(run, now) ?? 0];
  const at = toDate(startOf(run));
  const told = words.point(
    segment,
    at ? formatTimeSecs(at) : "",
    room.states[run.state] ?? run.state,
    formatBytes(bytes),
    formatDuration(millis),
  );
  return (
    <Anchor to={paths.run(run.id)} title={told} aria-label={told} data-state={run.state}>
      <i style={{ height: height(bytes, max.bytes) }} />
      <i style={{ height: height(millis, max.millis) }} />
    </Anchor>
  );
}

function bytesOf(run: Run): number {
  return run.metrics.sizeSummary.outputBytes ?? 0;
}

/** What is not nothing is seen. */
function height(value: number, max: number): number {
  return value === 0 ? 1 : Math.max(3, (value / max) * BAR_PX);
}
