// What somebody enters over several steps, kept in this browser tab: a reload brings it back.

import { useSuspenseQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { sessionQuery } from "../api/session";
import { chosenSandbox } from "../shell/sandbox";

export type Draft<T> = {
  value: T;
  change: (part: Partial<T>) => void;
  /** Begins anew, and forgets what was kept. */
  reset: (value: T) => void;
  forget: () => void;
  /** Whether something was entered that leaving would lose. */
  isDirty: () => boolean;
  /** Whether this was entered before the page was loaded. */
  isRestored: boolean;
};

/** `kept` is what of the draft may lie in the browser's storage: no secrets. */
export function useDraft<T extends object>(name: string, start: () => T, kept: (value: T) => T): Draft<T> {
  const { data: session } = useSuspenseQuery(sessionQuery);
  const key = `outflow-draft-1-${session.clientId}-${chosenSandbox(session)}-${name}`;
  const [found] = useState(() => read<T>(key));
  const [value, setValue] = useState<T>(() => found ?? start());
  const [isRestored, setRestored] = useState(found !== undefined);
  const isDirty = useRef(isRestored);

  useEffect(() => {
    if (isDirty.current) sessionStorage.setItem(key, JSON.stringify(kept(value)));
  }, [key, value, kept]);

  const forget = useCallback(() => {
    isDirty.current = false;
    sessionStorage.removeItem(key);
    setRestored(false);
  }, [key]);
  const change = useCallback((part: Partial<T>) => {
    isDirty.current = true;
    setValue((before) => ({ ...before, ...part }));
  }, []);
  const reset = (next: T) => {
    forget();
    setValue(next);
  };
  return { value, change, reset, forget, isDirty: () => isDirty.current, isRestored };
}

function read<T>(key: string): T | undefined {
  const text = sessionStorage.getItem(key);
  if (text === null) return undefined;
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}
