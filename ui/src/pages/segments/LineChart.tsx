// A line of counts over time, as a drawing; the numbers themselves stand in the table beside it.

import { useLayoutEffect, useRef, useState } from "react";
import { formatCount, formatTime, formatTimeSecs } from "../../parts/format";
import css from "./segments.module.css";

export type Point = { at: number; value: number };

/** Until it is known how much room there is. */
const FIRST_WIDTH = 720;
const HEIGHT = 220;
const LEFT = 72;
const BOTTOM = 28;
const TOP = 10;
const LINES = 4;

type Props = { label: string; points: Point[]; seconds?: boolean };

export function LineChart({ label, points, seconds }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(FIRST_WIDTH);
  // Drawn as large as it is shown, so that its words have the size of the page's.
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = () => setWidth(Math.max(FIRST_WIDTH / 2, element.clientWidth));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return (
    <div ref={box} className={css.chartBox}>
      <Drawing width={width} label={label} points={points} seconds={seconds} />
    </div>
  );
}

function Drawing({ width, label, points, seconds }: Props & { width: number }) {
  const timeOf = (at: number) => (seconds ? formatTimeSecs : formatTime)(new Date(at));
  const most = niceCeil(Math.max(1, ...points.map((point) => point.value)));
  const [first, last] = [points[0]?.at ?? 0, points.at(-1)?.at ?? 1];
  const span = Math.max(1, last - first);
  const x = (at: number) =>
    points.length === 1 ? (width + LEFT) / 2 : LEFT + ((at - first) / span) * (width - LEFT - 12);
  const y = (value: number) => TOP + (1 - value / most) * (HEIGHT - TOP - BOTTOM);
  const line = points.map((point, at) => `${at === 0 ? "M" : "L"}${x(point.at)} ${y(point.value)}`).join("");
  const ticks = Array.from({ length: LINES + 1 }, (_, at) => (most * at) / LINES).filter(Number.isInteger);
  return (
    <svg className={css.chart} width={width} height={HEIGHT} role="img" aria-label={label}>
      {ticks.map((tick) => (
        <g key={tick}>
          <line className={css.chartGrid} x1={LEFT} x2={width} y1={y(tick)} y2={y(tick)} />
          <text x={LEFT - 8} y={y(tick) + 4} textAnchor="end">
            {formatCount(tick)}
          </text>
        </g>
      ))}
      {points.length > 1 && <path className={css.chartArea} d={`${line}L${x(last)} ${y(0)}L${x(first)} ${y(0)}Z`} />}
      <path className={css.chartLine} d={line} />
      {points.map((point) => (
        <circle key={point.at} className={css.chartDot} cx={x(point.at)} cy={y(point.value)} r={3}>
          <title>{`${timeOf(point.at)}: ${formatCount(point.value)}`}</title>
        </circle>
      ))}
      <text x={LEFT} y={HEIGHT - 6}>
        {timeOf(first)}
      </text>
      {points.length > 1 && (
        <text x={width} y={HEIGHT - 6} textAnchor="end">
          {timeOf(last)}
        </text>
      )}
    </svg>
  );
}

/** The next number at or above that is 1, 2 or 5 times a power of ten, so that the lines have round names. */
export function niceCeil(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 4, 5, 8, 10].find((one) => one * power >= value) ?? 10;
  return Math.max(LINES, step * power);
}
