// Evaluations of segments: whether one is under way, how the last one ended, and beginning one.

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { evaluate, jobsQuery } from "../../api/definitions";
import { showDone, showProblem } from "../../parts/toast";
import { segments as words } from "../../strings/en/segments";

/** Of one segment, or of all without one. */
export function useEvaluation(id?: string) {
  const queries = useQueryClient();
  const jobs = useQuery({
    ...jobsQuery,
    refetchInterval: ({ state }) => (state.data?.some(isOpen) ? 1_000 : 15_000),
  });
  const [last] = (jobs.data ?? []).filter((job) => id === undefined || job.segments.some((one) => idOf(one) === id));
  const isBusy = last !== undefined && isOpen(last);
  const ended = isBusy ? undefined : last?.id;
  // Once it has ended, counts and histories are others.
  useEffect(() => {
    if (ended !== undefined)
      void queries.invalidateQueries({ queryKey: ["segments"], predicate: ({ queryKey }) => queryKey[1] !== "jobs" });
  }, [ended, queries]);
  // Whoever asked for it is told of its end.
  const asked = useRef<string>(undefined);
  const isDone = last !== undefined && last.id === asked.current && last.status === "SUCCEEDED";
  useEffect(() => {
    if (!isDone) return;
    asked.current = undefined;
    showDone(words.evaluationDone);
  }, [isDone]);
  const start = useMutation({
    mutationFn: () => evaluate(id === undefined ? [] : [id]),
    onSuccess: ({ id: job }) => {
      asked.current = job;
      showDone(words.evaluationAsked);
      return queries.invalidateQueries({ queryKey: ["segments", "jobs"] });
    },
    onError: (error) => showProblem(error, words.evaluate),
  });
  return { isBusy: isBusy || start.isPending, last, start: () => start.mutate() };
}

function isOpen({ status }: { status: string }): boolean {
  return status === "QUEUED" || status === "PROCESSING";
}

function idOf(segment: unknown): string | undefined {
  return (segment as { segmentId?: string }).segmentId;
}
