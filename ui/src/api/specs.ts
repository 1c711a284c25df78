// Kinds of destinations: what the catalog offers.

import { queryOptions } from "@tanstack/react-query";
import type { JsonSchema } from "../parts/schema";
import { answer, api } from "./client";
import type { Account, Spec } from "./shapes";

export const specsQuery = queryOptions({
  queryKey: ["specs"],
  queryFn: async () => {
    const list = await answer(api.GET("/data/foundation/flowservice/connectionSpecs", {}));
    return list.items as Spec[];
  },
  // They change with the server's version alone.
  staleTime: Number.POSITIVE_INFINITY,
});

/** The form of an account of the kind, for the way that it signs in. */
export function authSchemaOf(account: Account, spec: Spec | undefined): JsonSchema | undefined {
  return spec?.authSpec.find((auth) => auth.name === account.auth?.specName)?.spec;
}

/** What people call a way to sign in. */
export function signInTitle(spec: Spec | undefined, name: string | undefined): string | undefined {
  return spec?.authSpec.find((auth) => auth.name === name)?.title ?? name;
}
