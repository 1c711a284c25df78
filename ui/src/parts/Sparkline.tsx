// How a number went, as a small line. What it says is said in words, too.

import css from "./sparkline.module.css";

const [WIDTH, HEIGHT, PAD] = [96, 22, 2];

export function Sparkline({ values, label }: { values: number[]; label: string }) {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const span = most - least || 1;
  const points = values.map((value, at) => {
    const x = PAD + (at * (WIDTH - 2 * PAD)) / Math.max(1, values.length - 1);
    const y = most === least ? HEIGHT / 2 : HEIGHT - PAD - ((value - least) * (HEIGHT - 2 * PAD)) / span;
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  const last = points.at(-1)?.split(",");
  return (
    <svg className={css.line} width={WIDTH} height={HEIGHT} role="img" aria-label={label}>
      <title>{label}</title>
      {points.length > 1 && <polyline points={points.join(" ")} />}
      {last && <circle cx={points.length > 1 ? last[0] : WIDTH / 2} cy={last[1]} r={2} />}
    </svg>
  );
}
