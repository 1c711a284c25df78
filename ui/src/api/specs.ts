// Kinds of destinations: what the catalog offers.

import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "./client";
import type { Spec } from "./shapes";

export const specsQuery = queryOptions({
  queryKey: ["specs"],
  queryFn: async () => {
    const list = await answer(api.GET("/data/foundation/flowservice/connectionSpecs", {}));
    return list.items as Spec[];
  },
  // They change with the server's version alone.
  staleTime: Number.POSITIVE_INFINITY,
});

/** What people call a way to sign in. */
export function signInTitle(spec: Spec | undefined, name: string | undefined): string | undefined {
  return spec?.authSpec.find((auth) => auth.name === name)?.title ?? name;
}
