// Who did what.

import { ProgressBar, type StatusLightProps } from "@react-spectrum/s2";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { type AuditFilter, auditQuery } from "../../api/audit";
import type { AuditEvent } from "../../api/dataShapes";
import { type Column, DataTable } from "../../parts/DataTable";
import { EmptyState } from "../../parts/EmptyState";
import { Loaded } from "../../parts/Loaded";
import { PageHead } from "../../parts/PageHead";
import css from "../../parts/page.module.css";
import { ShowMore } from "../../parts/ShowMore";
import { useSearch } from "../../parts/useSearch";
import { Clipped, State, Time } from "../../parts/values";
import { t } from "../../strings/en";
import { audit as words } from "../../strings/en/audit";
import { AuditFilters, type FilterName } from "./AuditFilters";
import { AuditRail } from "./AuditRail";
import { AuditTools } from "./AuditTools";
import { isTimeText } from "./timeText";

export function AuditPage() {
  const [search, setSearch] = useSearch<FilterName | "selected">();
  const filter = filterOf(search);
  const isAll = Object.keys(filter).every((part) => part === "server");
  const query = useInfiniteQuery({ ...auditQuery(filter), placeholderData: keepPreviousData });
  return (
    <>
      <div className={css.head}>
        <PageHead title={words.title}>
          <AuditTools filter={filter} />
        </PageHead>
        <AuditFilters search={search} onChange={(change) => setSearch({ ...change, selected: undefined })} />
      </div>
      <div className={css.split}>
        <div className={css.page}>
          {query.isPlaceholderData && <ProgressBar isIndeterminate size="S" aria-label={t.loading} />}
          <Loaded query={query}>
            {({ pages }) => {
              const rows = pages.flatMap((page) => page.items);
              return (
                <>
                  {rows.length === 0 ? (
                    <EmptyState title={isAll ? words.empty : words.none}>
                      {query.hasNextPage ? words.emptyPage : isAll ? words.emptyText : words.noneText}
                    </EmptyState>
                  ) : (
                    <DataTable
                      label={words.title}
                      name="audit"
                      columns={columns}
                      rows={rows}
                      rowKey={({ seq }) => String(seq)}
                      selected={search.selected}
                      onSelect={(selected) => setSearch({ selected })}
                    />
                  )}
                  <ShowMore query={query} label={words.more} />
                </>
              );
            }}
          </Loaded>
        </div>
        <Selected
          record={query.data?.pages.flatMap((page) => page.items).find(({ seq }) => String(seq) === search.selected)}
          onObject={(objectId) => setSearch({ objectId })}
          onClose={() => setSearch({ selected: undefined })}
        />
      </div>
    </>
  );
}

type SelectedProps = { record?: AuditEvent; onObject: (id: string) => void; onClose: () => void };

function Selected({ record, onObject, onClose }: SelectedProps) {
  return record === undefined ? null : (
    <AuditRail key={record.seq} record={record} onObject={onObject} onClose={onClose} />
  );
}

function filterOf(search: Partial<Record<FilterName, string>>): AuditFilter {
  const { actor, action, noun, objectId, since, until, server } = search;
  return {
    ...(actor && { actor }),
    ...(action && { action }),
    ...(noun && { noun }),
    ...(objectId && { objectId }),
    ...(isTimeText(since) && { since: timeOf(since) }),
    ...(isTimeText(until) && { until: timeOf(until) }),
    ...(server && { server: true }),
  };
}

/** A day is its midnight in UTC. */
function timeOf(text: string): string {
  return text.length === 10 ? `${text}T00:00:00Z` : text;
}

const VARIANTS: Record<string, StatusLightProps["variant"]> = {
  created: "positive",
  deleted: "negative",
  paused: "notice",
  exportRefused: "negative",
  exportAllowed: "positive",
  suppressed: "notice",
  updated: "informative",
};

function nounText({ noun }: AuditEvent): string {
  return words.nouns[noun] ?? noun;
}

const columns: Column<AuditEvent>[] = [
  { id: "seq", label: words.columns.seq, width: 90, align: "end", sortBy: ({ seq }) => seq, cell: ({ seq }) => seq },
  { id: "at", label: words.columns.at, minWidth: 172, sortBy: ({ at }) => at, cell: ({ at }) => <Time at={at} /> },
  { id: "actor", label: words.columns.actor, minWidth: 110, sortBy: ({ actor }) => actor, cell: ({ actor }) => actor },
  {
    id: "action",
    label: words.columns.action,
    minWidth: 172,
    sortBy: ({ action }) => action,
    cell: ({ action }) => <State variant={VARIANTS[action] ?? "neutral"}>{words.actions[action] ?? action}</State>,
  },
  {
    id: "noun",
    label: words.columns.noun,
    minWidth: 150,
    sortBy: nounText,
    cell: (record) => <Clipped>{nounText(record)}</Clipped>,
  },
  {
    id: "object",
    label: words.columns.object,
    minWidth: 200,
    sortBy: ({ objectName }) => objectName,
    cell: ({ objectName, objectId }) => <span title={objectId}>{objectName || objectId}</span>,
  },
];
