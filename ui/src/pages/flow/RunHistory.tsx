// Volume and duration of the newest runs, the newest at the right. Every bar is a link to its run.

import type { Run } from "../../api/shapes";
import { Anchor } from "../../parts/Anchor";
import { formatBytes, formatDuration, formatTime, toDate } from "../../parts/format";
import { Section } from "../../parts/Section";
import { paths } from "../../paths";
import { runs as room } from "../../strings/en/runs";
import { startOf } from "../destinations/runColumns";
import { durationOf } from "../destinations/volumes";
import own from "./flow.module.css";

const words = room.history;
const RUNS_MAX = 40;
const BAR_PX = 44;

export function RunHistory({ runs }: { runs: Run[] }) {
  const now = Date.now();
  const shown = [...runs].sort((a, b) => startOf(a) - startOf(b)).slice(-RUNS_MAX);
  const points = shown.map((run) => ({
    run,
    bytes: run.metrics.sizeSummary.outputBytes ?? 0,
    millis: durationOf(run, now) ?? 0,
  }));
  const [bytesMax, millisMax] = [
    Math.max(1, ...points.map((p) => p.bytes)),
    Math.max(1, ...points.map((p) => p.millis)),
  ];
  if (points.length < 2) return null;
  return (
    <Section title={words.title}>
      <div className={own.chart}>
        <span className={own.axis}>
          {words.volume}
          <small>{formatBytes(bytesMax)}</small>
        </span>
        <span className={own.axis}>
          {words.duration}
          <small>{formatDuration(millisMax)}</small>
        </span>
        <ol className={own.bars} aria-label={words.label(points.length)}>
          {points.map(({ run, bytes, millis }) => (
            <li key={run.id}>
              <Anchor
                to={paths.run(run.id)}
                title={told(run, bytes, millis)}
                aria-label={told(run, bytes, millis)}
                data-state={run.state}
              >
                <i style={{ height: height(bytes, bytesMax) }} />
                <i style={{ height: height(millis, millisMax) }} />
              </Anchor>
            </li>
          ))}
        </ol>
      </div>
    </Section>
  );
}

/** What is not nothing is seen. */
function height(value: number, max: number): number {
  return value === 0 ? 1 : Math.max(3, (value / max) * BAR_PX);
}

function told(run: Run, bytes: number, millis: number): string {
  const at = toDate(startOf(run));
  return words.point(
    at ? formatTime(at) : "",
    room.states[run.state] ?? run.state,
    formatBytes(bytes),
    formatDuration(millis),
  );
}
