// The state of a page that belongs into its address: filters, tab, selected row.

import { useRouter, useSearch as useRouterSearch } from "@tanstack/react-router";
import { tableParams } from "../paths";
import { isFilter } from "./tableState";

/**
 * The page's search params, and a way to change some of them. `undefined` or "" takes one away. Changing a filter
 * drops the table's page number, which counted other rows.
 */
export function useSearch<K extends string>() {
  const router = useRouter();
  const search = useRouterSearch({ strict: false }) as Partial<Record<K, string>>;
  const set = (change: Partial<Record<K, string | undefined>>, { replace = true } = {}) => {
    const next: Record<string, string> = {};
    const first = Object.keys(change).some(isFilter) ? { [tableParams().page]: undefined } : {};
    for (const [name, value] of Object.entries({ ...search, ...first, ...change }))
      if (value) next[name] = String(value);
    void router.navigate({ to: ".", search: next as never, replace });
  };
  return [search, set] as const;
}
