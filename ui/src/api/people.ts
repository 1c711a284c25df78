// Single people: where their data went, and who is kept out of exports. What identifies them goes in bodies, never in an
// address, so that it is in no log and in no history.

import { infiniteQueryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "./client";

export type Person = { namespace: string; id: string };

export type Suppression = Schemas["ShownSuppression"];
export type Membership = Schemas["Membership"];
export type FoundProfile = Schemas["ShownProfile"];
export type FoundPerson = Schemas["FoundPerson"];

export async function findProfile(person: Person): Promise<FoundPerson> {
  return answer(api.POST("/data/core/ups/profiles/find", { body: person }));
}

const PAGE = 200;

export type Whereabouts = Schemas["WhereaboutsAnswer"];

export async function findWhereabouts(person: Person, start?: string): Promise<Whereabouts> {
  const body = { ...person, limit: PAGE, ...(start !== undefined && { start }) };
  return answer(api.POST("/data/core/ups/whereabouts", { body }));
}

export const SUPPRESSIONS_PAGE = 100;

export const suppressionsQuery = infiniteQueryOptions({
  queryKey: ["suppressions"],
  queryFn: ({ pageParam }) => {
    const query = pageParam === "" ? { limit: SUPPRESSIONS_PAGE } : { limit: SUPPRESSIONS_PAGE, start: pageParam };
    return answer(api.GET("/data/core/ups/suppressions", { params: { query } }));
  },
  initialPageParam: "",
  getNextPageParam: (page) => startOf(page._links.next?.href),
});

/** The `start` in the address of a next page. */
export function startOf(href: string | undefined): string | undefined {
  return href === undefined ? undefined : (new URLSearchParams(href.split("?")[1] ?? "").get("start") ?? undefined);
}

export function suppress(identities: Person[], reason: string) {
  return answer(api.POST("/data/core/ups/suppressions", { body: { identities, ...(reason && { reason }) } }));
}

export function unsuppress(who: { identities?: Person[]; keys?: string[] }) {
  return answer(api.POST("/data/core/ups/suppressions/remove", { body: who }));
}
