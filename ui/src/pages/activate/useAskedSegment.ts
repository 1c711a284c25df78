// The segment that the address names is chosen once: whoever comes from a segment's page finds it ticked.

import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { segmentNamesQuery } from "../../api/segments";
import { useSearch } from "../../parts/useSearch";
import { type ActivateDraft, newSegment } from "./draft";

export function useAskedSegment({ segments }: ActivateDraft, onChange: (part: Partial<ActivateDraft>) => void) {
  const [{ segment: asked }, setSearch] = useSearch<"segment">();
  const { data: names } = useQuery({ ...segmentNamesQuery, enabled: asked !== undefined });
  // biome-ignore lint/correctness/useExhaustiveDependencies: done once, as soon as the names are there
  useEffect(() => {
    if (asked === undefined || names === undefined) return;
    const name = names.get(asked);
    if (name !== undefined && !segments.some((one) => one.id === asked)) {
      onChange({ segments: [...segments, newSegment(asked, name, new Date())] });
    }
    // Whoever takes it out again does not find it back after a reload.
    setSearch({ segment: undefined });
  }, [asked, names]);
}
