// Single people: where their data went, and who is kept out of exports. What identifies them goes in bodies, never in an
// address, so that it is in no log and in no history.

import { infiniteQueryOptions } from "@tanstack/react-query";
import { answer, api } from "./client";
import type { Departure, JsonObject } from "./dataShapes";

export type Person = { namespace: string; id: string };

export type Suppression = {
  key: string;
  namespace: string;
  reason?: string | null;
  addedAt: number | string;
  addedBy?: string | null;
};

export type Membership = {
  segmentId: string;
  name?: string | null;
  status: "realized" | "existing" | "exited";
  /** In milliseconds since 1970. */
  lastQualificationTime?: number | null;
  evaluatedAt?: number | null;
};

export type FoundProfile = {
  id: string;
  recordedAt?: number | string | null;
  attributes: JsonObject;
  identityMap: Record<string, { id: string }[]>;
  segmentMembership: Membership[];
  /** Attributes that are too large to be shown. */
  leftOut?: string[];
  /** Segments whose last evaluation cannot be read. */
  segmentsUnknown?: string[];
};

export type FoundPerson = {
  identity: Person;
  /** Whether any identity of the profile is kept out of exports. */
  suppressed: boolean;
  suppression?: Suppression | null;
  /** Profiles with this identity: by their primary ones, up to a number of them. */
  profileIds: string[];
  profilesTotal: number;
  profile?: FoundProfile | null;
  snapshot?: { id: string; profiles: number; createdAt: number | string } | null;
};

export async function findProfile(person: Person): Promise<FoundPerson> {
  return (await answer(api.POST("/data/core/ups/profiles/find", { body: person }))) as unknown as FoundPerson;
}

const PAGE = 200;

export type Whereabouts = {
  completeSince?: number | null;
  departures: Departure[];
  unreadable: Departure[];
  profileIds: string[];
  next?: string | null;
};

export async function findWhereabouts(person: Person, start?: string): Promise<Whereabouts> {
  const body = { ...person, limit: PAGE, ...(start !== undefined && { start }) };
  return (await answer(api.POST("/data/core/ups/whereabouts", { body }))) as unknown as Whereabouts;
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
