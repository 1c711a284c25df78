// How far a run is, as it goes.

import { ProgressBar } from "@react-spectrum/s2";
import type { Progress, Run } from "../../api/shapes";
import { formatBytes, formatCount, formatDuration } from "../../parts/format";
import css from "../../parts/page.module.css";
import { Section } from "../../parts/Section";
import { runs as room } from "../../strings/en/runs";
import own from "./run.module.css";

const words = room.progress;

export function ProgressPanel({ run, progress, isLost }: { run: Run; progress?: Progress; isLost: boolean }) {
  const step = progress?.step ?? run.state;
  const total = progress?.profilesTotal ?? 0;
  const read = progress?.profilesRead ?? 0;
  // When all is read, what is left is the far end's, and nobody knows how much that is.
  const isOpenEnded = total === 0 || read >= total;
  const left = progress?.secsLeft;
  const numbers: [string, string][] = [
    [words.read, total > 0 ? `${formatCount(read)} / ${formatCount(total)}` : formatCount(read)],
    [words.rows, formatCount(progress?.rowsWritten ?? 0)],
    [words.bytes, formatBytes(progress?.bytesWritten ?? 0)],
    [
      words.rate,
      words.perSec(formatCount(Math.round(progress?.rowsPerSec ?? 0)), formatBytes(progress?.bytesPerSec ?? 0)),
    ],
    [words.left, left === null || left === undefined ? words.leftUnknown : formatDuration(left * 1000)],
  ];
  return (
    <Section title={words.title}>
      <div className={own.progress}>
        <ProgressBar
          label={words.steps[step] ?? step}
          isIndeterminate={isOpenEnded}
          value={isOpenEnded ? 0 : (100 * read) / total}
          UNSAFE_className={own.bar}
        />
        <dl className={css.numbers}>
          {numbers.map(([term, value]) => (
            <div key={term}>
              <dt>{term}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        {isLost && <p role="status">{words.lost}</p>}
      </div>
    </Section>
  );
}
