// The ways of data of a violation, drawn from the dataset at the left to the destination at the right.

import type { Violation } from "../api/dataShapes";
import { violations as words } from "../strings/en/violations";
import { type LineageNode, pictureOf } from "./lineage";
import css from "./violations.module.css";

const [WIDTH, HEIGHT, GAP_X, GAP_Y, HEAD, PAD, LINE] = [152, 44, 10, 12, 22, 8, 18];

export function LineagePicture({ violation }: { violation: Violation }) {
  const { nodes, edges, rows } = pictureOf(violation, words.uses);
  const height = HEAD + rows * (HEIGHT + GAP_Y);
  const width = words.columns.length * (WIDTH + GAP_X) - GAP_X;
  const x = (node: LineageNode) => node.column * (WIDTH + GAP_X);
  // Columns that are shorter stand in the middle.
  const inColumn = (column: number) => nodes.filter((node) => node.column === column).length;
  const y = (node: LineageNode) => HEAD + (node.row + (rows - inColumn(node.column)) / 2) * (HEIGHT + GAP_Y);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className={css.picture} aria-label={words.lineage} tabIndex={0}>
      <svg viewBox={`0 0 ${width} ${height}`} width={width} height={height} role="img" aria-label={textOf(violation)}>
        {words.columns.map((name, column) => (
          <text key={name} className={css.columnName} x={column * (WIDTH + GAP_X)} y={12}>
            {name}
          </text>
        ))}
        {edges.map(({ from, to }) => {
          const [x1, y1, x2, y2] = [x(from) + WIDTH, y(from) + HEIGHT / 2, x(to), y(to) + HEIGHT / 2];
          const middle = (x1 + x2) / 2;
          return (
            <path
              key={`${from.id} ${to.id}`}
              className={css.edge}
              d={`M${x1},${y1} C${middle},${y1} ${middle},${y2} ${x2},${y2}`}
            />
          );
        })}
        {nodes.map((node) => (
          <g key={node.id} className={css.node} data-labelled={node.labels.length > 0 || undefined}>
            <title>{[node.title, ...node.labels].join(", ")}</title>
            <rect x={x(node)} y={y(node)} width={WIDTH} height={HEIGHT} rx={8} />
            {[node.title, ...(node.labels.length > 0 ? [node.labels.join(", ")] : [])].map((text, line, { length }) => (
              <foreignObject
                key={text}
                x={x(node) + PAD}
                y={y(node) + (HEIGHT - length * LINE) / 2 + line * LINE}
                width={WIDTH - 2 * PAD}
                height={LINE}
              >
                {/* Of what is too long the end is cut off; of a path the beginning, since its end tells more. */}
                <div className={css.nodeText} data-label={line > 0 || undefined} data-path={isPath(node) || undefined}>
                  <bdi>{text}</bdi>
                </div>
              </foreignObject>
            ))}
          </g>
        ))}
      </svg>
    </section>
  );
}

const isPath = ({ kind, title }: LineageNode) => kind === "field" && title.includes(".");

function textOf(violation: Violation): string {
  const ways = violation.lineage.map(({ origin, use }) =>
    [origin.dataset.name, `${origin.field} (${origin.label})`, words.uses[use.kind] ?? use.kind].join(" → "),
  );
  return `${[...new Set(ways)].join("; ")} → ${violation.segment.name} → ${violation.flow.name}`;
}
