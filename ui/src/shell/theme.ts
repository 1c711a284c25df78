// Light, dark, or as the system is. The choice is this browser's.

import { useSyncExternalStore } from "react";

export type Theme = "system" | "light" | "dark";
const KEY = "outflow-theme";
const listeners = new Set<() => void>();

export function readTheme(): Theme {
  const kept = localStorage.getItem(KEY);
  return kept === "light" || kept === "dark" ? kept : "system";
}

/** React Spectrum's page.css and base.css look at this attribute. */
export function applyTheme(theme: Theme) {
  if (theme === "system") delete document.documentElement.dataset.colorScheme;
  else document.documentElement.dataset.colorScheme = theme;
}

export function setTheme(theme: Theme) {
  if (theme === "system") localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, theme);
  applyTheme(theme);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The choice, and the scheme to force where it is not the system's. */
export function useTheme(): { theme: Theme; scheme: "light" | "dark" | undefined } {
  const theme = useSyncExternalStore(subscribe, readTheme);
  return { theme, scheme: theme === "system" ? undefined : theme };
}
