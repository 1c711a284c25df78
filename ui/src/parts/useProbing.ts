// The steps of a connection test under way. It ends when the page or dialog is left, or another one begins.

import { useEffect, useRef, useState } from "react";
import type { ProbeStep, Watch } from "../api/probe";

export function useProbing() {
  const [steps, setSteps] = useState<ProbeStep[]>([]);
  const stop = useRef<AbortController>(undefined);
  useEffect(() => () => stop.current?.abort(), []);
  const end = () => {
    stop.current?.abort();
    stop.current = undefined;
    setSteps([]);
  };
  const begin = (): Watch => {
    end();
    const mine = new AbortController();
    stop.current = mine;
    return { signal: mine.signal, onSteps: setSteps };
  };
  return { steps, begin, end };
}
