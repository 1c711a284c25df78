// The dialog that a list page shows, in the address: what is asked, and about which object. Nobody is asked what they may
// not do.

import type { Scope } from "../api/session";
import { useSearch } from "./useSearch";
import { useMay } from "./WriteOnly";

export function useAsked(needs: Scope = "write") {
  const [search, setSearch] = useSearch<"ask" | "on">();
  const mayAsk = useMay(needs);
  return {
    asked: mayAsk ? search.ask : undefined,
    on: search.on,
    open: (ask: string, on?: string) => setSearch({ ask, on }),
    close: () => setSearch({ ask: undefined, on: undefined }),
  };
}
