import { infiniteQueryOptions } from "@tanstack/react-query";
import { answer, api, headersOf, refusalOf } from "./client";
import type { AuditEvent } from "./dataShapes";
import { startOf } from "./people";
import { Problem } from "./problem";

export type AuditFilter = {
  actor?: string;
  action?: string;
  noun?: string;
  objectId?: string;
  since?: string;
  until?: string;
  /** Records that are about no sandbox, such as those of clients. */
  server?: boolean;
};

const PAGE = 50;

export const auditQuery = (filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: ["audit", filter],
    queryFn: async ({ pageParam }) => {
      const query = { ...filter, limit: PAGE, ...(pageParam !== "" && { start: pageParam }) };
      const page = await answer(api.GET("/data/foundation/audit/events", { params: { query } }));
      return { ...page, items: page.items as unknown as AuditEvent[] };
    },
    initialPageParam: "",
    getNextPageParam: (page) => startOf(page._links.next?.href),
  });

export type Checked = { isIntact: boolean; records: number; brokenAt?: number | null };

/** Checks the whole chain; `onProgress` hears how many records were looked at so far. */
export async function checkAudit(isServer: boolean, onProgress: (records: number) => void): Promise<Checked> {
  let records = 0;
  let after: number | undefined;
  for (;;) {
    const query = { ...(after !== undefined && { after }), ...(isServer && { server: true }) };
    const found = await answer(api.GET("/data/foundation/audit/check", { params: { query } }));
    records += found.records;
    onProgress(records);
    if (!found.intact) return { isIntact: false, records, brokenAt: found.brokenAt };
    if (found.next === null || found.next === undefined) return { isIntact: true, records };
    after = found.next;
  }
}

/** The records as NDJSON. It is fetched and not linked to, since it needs the sandbox's header. */
export async function exportAudit(filter: AuditFilter): Promise<Blob> {
  const pairs = Object.entries(filter)
    .filter(([, value]) => value)
    .map(([name, value]) => [name, String(value)]);
  const query = new URLSearchParams(pairs).toString();
  const response = await fetch(`/data/foundation/audit/export?${query}`, {
    headers: headersOf(),
    credentials: "same-origin",
  }).catch((error: unknown) => Promise.reject(Problem.unreachable(error)));
  if (!response.ok) throw await refusalOf(response);
  return response.blob();
}
