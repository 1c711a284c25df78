// The ways of data of a violation as a picture: dataset, field, what it is used for, segment, destination.

import type { Violation } from "../api/dataShapes";

export type LineageNode = { id: string; column: number; row: number; title: string; kind: string; labels: string[] };
export type LineageEdge = { from: LineageNode; to: LineageNode };
export type Picture = { nodes: LineageNode[]; edges: LineageEdge[]; rows: number };

/** More ways than this make no picture that anybody reads. */
export const WAYS_MAX = 12;

export function pictureOf(violation: Violation, useNames: Record<string, string>): Picture {
  const nodes = new Map<string, LineageNode>();
  const heights = [0, 0, 0, 0, 0];
  const node = (column: number, kind: string, title: string, labels: string[] = []) => {
    const id = `${column} ${kind} ${title}`;
    const found = nodes.get(id);
    if (found) {
      found.labels = [...new Set([...found.labels, ...labels])];
      return found;
    }
    const made = { id, column, row: heights[column] ?? 0, title, kind, labels };
    heights[column] = made.row + 1;
    nodes.set(id, made);
    return made;
  };
  const edges = new Map<string, LineageEdge>();
  const edge = (from: LineageNode, to: LineageNode) => edges.set(`${from.id} ${to.id}`, { from, to });
  const segment = node(3, "segment", violation.segment.name);
  edge(segment, node(4, "destination", violation.flow.name));
  for (const { origin, use } of violation.lineage.slice(0, WAYS_MAX)) {
    const isWhole = !origin.schemaPath;
    const dataset = node(0, "dataset", origin.dataset.name, isWhole ? [origin.label] : []);
    const field = node(1, "field", origin.field, isWhole ? [] : [origin.label]);
    const used = node(2, use.kind, useNames[use.kind] ?? use.kind);
    edge(dataset, field);
    edge(field, used);
    edge(used, segment);
  }
  return { nodes: [...nodes.values()], edges: [...edges.values()], rows: Math.max(...heights) };
}
