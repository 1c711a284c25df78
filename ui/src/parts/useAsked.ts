// The dialog that a list page shows, in the address: what is asked, and about which object.

import { useSearch } from "./useSearch";

export function useAsked() {
  const [search, setSearch] = useSearch<"ask" | "on">();
  return {
    asked: search.ask,
    on: search.on,
    open: (ask: string, on?: string) => setSearch({ ask, on }),
    close: () => setSearch({ ask: undefined, on: undefined }),
  };
}
