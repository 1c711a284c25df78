// Asks what lies at a place. What was found, or found wrong, is said of the files that were asked about, and of no others.

import { useReducer } from "react";
import { inspectFiles } from "../../api/datasets";
import { Problem } from "../../api/problem";
import { type Draft, sourceOf } from "./datasetDraft";
import { lookState } from "./look";

export type Looking = ReturnType<typeof useLook>;

export function useLook(draft: Draft) {
  const [{ asked, looked }, tell] = useReducer(lookState, {});
  const about = JSON.stringify(sourceOf(draft));
  const isOfThese = looked?.about === about;
  return {
    found: isOfThese ? looked.found : undefined,
    problem: isOfThese ? looked.problem : undefined,
    isBusy: asked === about,
    look: (of: Draft) => {
      const source = sourceOf(of);
      const key = JSON.stringify(source);
      tell({ ask: key });
      inspectFiles(source).then(
        (found) => tell({ about: key, found }),
        (error: unknown) => tell({ about: key, problem: Problem.from(error) }),
      );
    },
  };
}
