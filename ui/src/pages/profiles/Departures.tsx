// Where a person's data went. Older files and messages are asked for a page at a time.

import { Content, Heading, InlineAlert } from "@react-spectrum/s2";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import type { Departure } from "../../api/dataShapes";
import { flowsQuery } from "../../api/flows";
import { findWhereabouts, type Person } from "../../api/people";
import { segmentNamesQuery } from "../../api/segments";
import { useActionNames } from "../../parts/actionNames";
import { DataTable } from "../../parts/DataTable";
import { EmptyState } from "../../parts/EmptyState";
import { ErrorState } from "../../parts/ErrorState";
import { formatTime, toDate } from "../../parts/format";
import { PageLoading } from "../../parts/PageLoading";
import css from "../../parts/page.module.css";
import { Section } from "../../parts/Section";
import { ShowMore } from "../../parts/ShowMore";
import { profiles as words } from "../../strings/en/profiles";
import { departureColumns } from "./departureColumns";

export function Departures({ person, turn }: { person: Person; turn: number }) {
  const query = useInfiniteQuery({
    queryKey: ["whereabouts", turn],
    queryFn: ({ pageParam }) => findWhereabouts(person, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    // Each look is in the audit log: one for each search, and none is kept.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  return (
    <Section title={words.where}>
      {query.isPending && <PageLoading lines={3} />}
      {query.isError && <ErrorState error={query.error} wanted={words.where} onRetry={() => void query.refetch()} />}
      {query.data && <Pages pages={query.data.pages} />}
      <ShowMore query={query} label={words.more} />
    </Section>
  );
}

function Pages({ pages }: { pages: Awaited<ReturnType<typeof findWhereabouts>>[] }) {
  const segments = useQuery(segmentNamesQuery);
  const flows = useQuery(flowsQuery);
  const actionNames = useActionNames();
  const departures = pages.flatMap((page) => page.departures);
  const unreadable = pages.flatMap((page) => page.unreadable);
  const since = toDate(pages[0]?.completeSince);
  return (
    <>
      <p className={css.quiet}>{since ? words.completeSince(formatTime(since)) : words.never}</p>
      {unreadable.length > 0 && (
        <InlineAlert variant="notice">
          <Heading>{words.unreadable(unreadable.length)}</Heading>
          <Content>{words.unreadableText}</Content>
        </InlineAlert>
      )}
      {departures.length === 0 ? (
        <EmptyState title={words.none}>{words.noneText}</EmptyState>
      ) : (
        <DataTable
          label={words.where}
          name="departures"
          columns={departureColumns(segments.data, new Set(flows.data?.items.map((flow) => flow.id)), actionNames)}
          rows={departures}
          rowKey={keyOf}
          sort="-leftAt"
          isFit
        />
      )}
    </>
  );
}

function keyOf({ flowId, runId, segmentId, sequence, file, leftAt }: Departure): string {
  return [flowId, runId, segmentId, sequence, file, leftAt].join(" ");
}
