// Follows a run by its event stream, for as long as it goes on and somebody looks.

import { useEffect, useState } from "react";
import { events } from "../../api/events";
import type { Progress } from "../../api/shapes";

const AGAIN_MILLIS_MIN = 1_000;
const AGAIN_MILLIS_MAX = 15_000;

/** `onEnd` is called when the server has said that the run ended. */
export function useProgress(runId: string, isLive: boolean, onEnd: () => void) {
  const [progress, setProgress] = useState<Progress>();
  const [isLost, setLost] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new callback is no reason to connect anew
  useEffect(() => {
    if (!isLive) return;
    const stop = new AbortController();
    void follow(runId, stop.signal, setProgress, setLost).then((hasEnded) => hasEnded && onEnd());
    return () => stop.abort();
  }, [runId, isLive]);
  return { progress, isLost };
}

/** True when the run has ended, false when the signal came first. */
async function follow(
  runId: string,
  signal: AbortSignal,
  onProgress: (progress: Progress) => void,
  onLost: (isLost: boolean) => void,
): Promise<boolean> {
  let wait = AGAIN_MILLIS_MIN;
  while (!signal.aborted) {
    try {
      for await (const { event, data } of events(
        `/data/foundation/flowservice/runs/${encodeURIComponent(runId)}/progress`,
        signal,
      )) {
        if (signal.aborted) return false;
        onLost(false);
        wait = AGAIN_MILLIS_MIN;
        onProgress(JSON.parse(data) as Progress);
        if (event === "end") return true;
      }
    } catch {
      // Whatever it was, the run is asked for again; what the server has to say about that shows on the page.
    }
    if (signal.aborted) return false;
    onLost(true);
    await new Promise((resolve) => setTimeout(resolve, wait));
    wait = Math.min(2 * wait, AGAIN_MILLIS_MAX);
  }
  return false;
}
