// What the files of segments are called, as their next ones will be.

import { extensionOf, fileName, type NameFacts, renderName } from "../../parts/fileName";
import type { DraftSegment } from "./draft";
import { nextRuns } from "./schedule";

export type FileNames = {
  extension: string;
  factsOf: (segment: DraftSegment) => NameFacts;
  fileOf: (segment: DraftSegment) => string;
};

type OfFlow = Omit<NameFacts, "segmentId" | "segmentName" | "at">;

/** `params` are the target's, which say what files are. */
export function fileNames(flow: OfFlow, params: Record<string, unknown>, isEncrypted: boolean, now: Date): FileNames {
  const extension = extensionOf(params, isEncrypted);
  const factsOf = (one: DraftSegment): NameFacts => ({
    ...flow,
    segmentId: one.id,
    segmentName: one.name,
    at: nextRuns(one.export, now, 1)[0] ?? now,
  });
  return { extension, factsOf, fileOf: (one) => fileName(renderName(one.template, factsOf(one)), extension) };
}
