// Asks what lies at a place. What was found, or found wrong, is said of the files that were asked about, and of no others.

import { useState } from "react";
import type { Inspection } from "../../api/dataShapes";
import { inspectFiles } from "../../api/datasets";
import { Problem } from "../../api/problem";
import { type Draft, sourceOf } from "./datasetDraft";

type Looked = { about: string; found?: Inspection; problem?: Problem };
export type Looking = ReturnType<typeof useLook>;

export function useLook(draft: Draft) {
  const [looked, setLooked] = useState<Looked>();
  const [asked, setAsked] = useState<string>();
  const about = JSON.stringify(sourceOf(draft));
  const isOfThese = looked?.about === about;
  return {
    found: isOfThese ? looked.found : undefined,
    problem: isOfThese ? looked.problem : undefined,
    isBusy: asked === about,
    look: (of: Draft) => {
      const source = sourceOf(of);
      const key = JSON.stringify(source);
      setAsked(key);
      inspectFiles(source)
        .then(
          (found) => setLooked({ about: key, found }),
          (error: unknown) => setLooked({ about: key, problem: Problem.from(error) }),
        )
        .finally(() => setAsked((now) => (now === key ? undefined : now)));
    },
  };
}
