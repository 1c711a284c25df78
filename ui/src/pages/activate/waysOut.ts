// What a way out of a violation does to the draft, as far as it is the wizard's to do.

import type { WayOutStep } from "../../api/dataShapes";
import type { ActivateDraft } from "./draft";

/** The draft after a step; nothing where the step is to be done elsewhere. */
export function applied(draft: ActivateDraft, step: WayOutStep): ActivateDraft | undefined {
  switch (step.kind) {
    case "unmap": {
      const paths = step.fields.map((field) => field.path);
      return { ...draft, rows: draft.rows.filter((row) => !isOneOf(row.path, paths)) };
    }
    case "dropMandatory":
      return { ...draft, mandatory: draft.mandatory.filter((path) => !step.fields.includes(path)) };
    case "changeKey":
      return { ...draft, keys: draft.keys.filter((path) => !step.fields.includes(path)), namespace: "" };
    case "removeSegment":
      return { ...draft, segments: draft.segments.filter((segment) => segment.id !== step.segment.id) };
    case "dropActions": {
      // Actions of the target are not the flow's to drop.
      if (!step.actions.every((action) => draft.actions.includes(action))) return undefined;
      return { ...draft, actions: draft.actions.filter((action) => !step.actions.includes(action)) };
    }
    default:
      return undefined;
  }
}

/** A whole way, where the wizard can go all of it. */
export function appliedAll(draft: ActivateDraft, steps: WayOutStep[]): ActivateDraft | undefined {
  return steps.reduce<ActivateDraft | undefined>((now, step) => now && applied(now, step), draft);
}

/** Membership of the exported segment has two spellings. */
function isOneOf(path: string, paths: string[]): boolean {
  return paths.includes(path) || paths.includes(path.replace(".seg_namespace.seg_id.", "."));
}
