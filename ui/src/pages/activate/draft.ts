// What the wizard edits of a flow: taken out of its transformation, and put back with everything else that is in there.

import type { Flow, ProfileSelector, SegmentSelector, Transform } from "../../api/shapes";
import { defaultHeader, parsePath } from "../../parts/fieldPath";
import { DEFAULT_TEMPLATE } from "../../parts/fileName";
import { defaultExport, type ExportMode, FULL, type SegmentExport, settled } from "./schedule";

export type DraftSegment = {
  id: string;
  name: string;
  /** How its files are made; of no use in a stream. */
  export: SegmentExport;
  template: string;
  /** What the flow says of it beside, which is kept. */
  rest?: Record<string, unknown>;
};

export type DraftRow = {
  /** Tells rows apart while they move. */
  key: string;
  path: string;
  /** Empty for the usual one. */
  header: string;
  rest?: ProfileSelector["value"];
};

export type Triggers = { segmentation: boolean; attributes: boolean; identities: boolean };

export type ActivateDraft = {
  /** The version of the flow that this began from. */
  etag: string;
  segments: DraftSegment[];
  rows: DraftRow[];
  mandatory: string[];
  /** Attributes that deduplicate: none, one or two. */
  keys: string[];
  /** A namespace of identities that does, instead. */
  namespace: string;
  triggers: Triggers;
  rewrites: boolean;
  coalesce: boolean;
  /** References of marketing actions of the flow. */
  actions: string[];
};

export const ROWS_AT_FIRST = ["person.name.firstName", "person.name.lastName", "personalEmail.address"];
export const STATUS_PATH = "segmentMembership.seg_namespace.seg_id.status";
export const LAST_QUALIFICATION_PATH = "segmentMembership.seg_namespace.seg_id.lastQualificationTime";

/** What messages have by themselves, and cannot be mapped. */
export const STREAM_OWN = ["identityMap", "segmentMembership", "profileId", "eventId", "sequence", "runId"];

/** A flow as the wizard edits it. `known` are the paths that profiles have. */
export function draftOf(flow: Flow, isBatch: boolean, known: string[], now: Date): ActivateDraft {
  const params = paramsOf(flow);
  const selectors = params.profileSelectors ?? { selectors: [] };
  const both = <T>(name: string): T[] =>
    ((params as Record<string, unknown>)[name] ?? (selectors as Record<string, unknown>)[name] ?? []) as T[];
  const keys = both<{ fieldType: string; attributePath?: string; identityNamespace?: string }>("primaryFields");
  const isNew = (params.segmentSelectors?.selectors ?? []).length === 0 && selectors.selectors.length === 0;
  const triggers = params.streaming?.triggers ?? {};
  return {
    etag: flow.etag,
    segments: (params.segmentSelectors?.selectors ?? []).map((selector) => segmentOf(selector, now)),
    rows: isNew ? firstRows(isBatch, known) : selectors.selectors.map(rowOf),
    mandatory: both<string>("mandatoryFields"),
    keys: keys.flatMap((key) => (key.attributePath ? [key.attributePath] : [])),
    namespace: keys.find((key) => key.identityNamespace)?.identityNamespace ?? "",
    triggers: {
      segmentation: triggers.segmentation ?? true,
      attributes: triggers.attributes ?? true,
      identities: triggers.identities ?? true,
    },
    rewrites: params.streaming?.rewrites ?? false,
    coalesce: params.streaming?.coalesce ?? false,
    actions: flow.policy?.enforcementRefs ?? [],
  };
}

function paramsOf(flow: Flow): Transform["params"] {
  return flow.transformations?.[0]?.params ?? {};
}

export function newSegment(id: string, name: string, now: Date): DraftSegment {
  // Seconds since 1970, which messages tell as the time of the mapping.
  const createTime = Math.floor(now.getTime() / 1000);
  return { id, name, export: defaultExport(now), template: DEFAULT_TEMPLATE, rest: { createTime } };
}

function segmentOf({ value }: SegmentSelector, now: Date): DraftSegment {
  const { id, name, exportMode, schedule, filenameTemplate, ...rest } = value;
  const usual = defaultExport(now);
  return {
    id,
    name: name ?? id,
    export: { exportMode: (exportMode as ExportMode) ?? FULL, schedule: schedule ?? usual.schedule },
    template: filenameTemplate ?? DEFAULT_TEMPLATE,
    rest,
  };
}

function rowOf({ value }: ProfileSelector): DraftRow {
  const path = bare(value.path);
  const mapping = value.mapping as Record<string, string | undefined> | undefined;
  const given = [mapping?.header, mapping?.destination, mapping?.destinationXdmPath].find(Boolean) ?? "";
  const header = bare(given) === path ? "" : given;
  return { key: path, path, header, rest: value };
}

/** Paths may be written with `xdm: ` before them. */
function bare(path: string): string {
  return path.replace(/^xdm:\s*/, "");
}

function firstRows(isBatch: boolean, known: string[]): DraftRow[] {
  const paths = [...ROWS_AT_FIRST.filter((path) => known.includes(path)), ...(isBatch ? [STATUS_PATH] : [])];
  return paths.map((path) => ({ key: path, path, header: "" }));
}

/** Whether a stream cannot have this field mapped, since messages have it anyhow. */
export function isStreamOwn(path: string): boolean {
  return STREAM_OWN.includes(String(parsePath(path)?.[0] ?? path));
}

export function headerOf(row: DraftRow): string {
  return row.header || defaultHeader(row.path);
}

/** The flow as it would be saved. */
export function flowOf(flow: Flow, draft: ActivateDraft, isBatch: boolean): Flow {
  const { policy } = flow;
  const hasPolicy = draft.actions.length > 0 || policy;
  return {
    ...flow,
    transformations: transformationsOf(flow, draft, isBatch),
    ...(hasPolicy && { policy: { ...policy, enforcementRefs: draft.actions } }),
  };
}

export function transformationsOf(flow: Flow, draft: ActivateDraft, isBatch: boolean): Transform[] {
  const [first, ...others] = flow.transformations ?? [];
  const before = first?.params ?? {};
  // These may stand in either of two places; the wizard writes one.
  const {
    mandatoryFields: _m,
    primaryFields: _p,
    ...selectorsBefore
  } = (before.profileSelectors ?? {}) as Record<string, unknown>;
  const { mandatoryFields: _mandatory, primaryFields: _primary, ...kept } = before;
  const params: Transform["params"] = {
    ...kept,
    segmentSelectors: { ...before.segmentSelectors, selectors: draft.segments.map((one) => selectorOf(one, isBatch)) },
    profileSelectors: { ...selectorsBefore, selectors: draft.rows.map((row) => profileSelectorOf(row, isBatch)) },
  };
  if (isBatch) {
    if (draft.mandatory.length > 0) params.mandatoryFields = draft.mandatory;
    const primary = primaryOf(draft);
    if (primary.length > 0) params.primaryFields = primary;
  } else {
    params.streaming = {
      ...before.streaming,
      triggers: draft.triggers,
      rewrites: draft.rewrites,
      coalesce: draft.coalesce,
    };
  }
  return [{ name: "GeneralTransform", ...first, params }, ...others];
}

function primaryOf({ keys, namespace }: ActivateDraft): NonNullable<Transform["params"]["primaryFields"]> {
  if (namespace !== "") return [{ fieldType: "IDENTITY", identityNamespace: namespace }];
  return keys.map((attributePath) => ({ fieldType: "ATTRIBUTE", attributePath }));
}

function selectorOf(segment: DraftSegment, isBatch: boolean): SegmentSelector {
  const { id, name, rest, template } = segment;
  const value = { ...rest, id, name };
  if (!isBatch) return { type: "PLATFORM_SEGMENT", value };
  return { type: "PLATFORM_SEGMENT", value: { ...value, filenameTemplate: template, ...settled(segment.export) } };
}

function profileSelectorOf(row: DraftRow, isBatch: boolean): ProfileSelector {
  const { mapping, ...rest } = (row.rest ?? {}) as Record<string, unknown>;
  const {
    header: _h,
    destination: _d,
    destinationXdmPath: _x,
    ...mappingRest
  } = (mapping ?? {}) as Record<string, unknown>;
  const destination = isBatch && row.header !== "" ? { destination: row.header } : {};
  const all = { ...mappingRest, ...destination };
  const hasMapping = Object.keys(all).length > 0;
  return {
    type: "JSON_PATH",
    value: {
      ...rest,
      path: row.path,
      operator: "EXISTS",
      ...(hasMapping && { mapping: all }),
    } as ProfileSelector["value"],
  };
}

/** Headers that more than one column has. */
export function doubleHeaders(rows: DraftRow[]): Set<string> {
  const headers = rows.map(headerOf);
  return new Set(headers.filter((header, at) => headers.indexOf(header) !== at));
}

export function moved<T>(items: T[], from: number, to: number): T[] {
  const next = [...items];
  const [item] = next.splice(from, 1);
  if (item !== undefined) next.splice(Math.max(0, Math.min(to, next.length)), 0, item);
  return next;
}

/** What differs from how the flow was: segments and rows that are new or changed. */
export function changesOf(before: ActivateDraft, now: ActivateDraft) {
  const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
  const segment = (one: DraftSegment) => {
    const other = before.segments.find((old) => old.id === one.id);
    if (!other) return "new" as const;
    const isSame = same(settled(other.export), settled(one.export)) && other.template === one.template;
    return isSame ? undefined : ("changed" as const);
  };
  const row = (one: DraftRow) => {
    const other = before.rows.find((old) => old.path === one.path);
    if (!other) return "new" as const;
    return headerOf(other) === headerOf(one) ? undefined : ("changed" as const);
  };
  const removed = before.segments.filter((one) => !now.segments.some((other) => other.id === one.id));
  return { segment, row, removed };
}
