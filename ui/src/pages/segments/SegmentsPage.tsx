// All segments.

import { LinkButton, SearchField } from "@react-spectrum/s2";
import { useQuery } from "@tanstack/react-query";
import { definitionsQuery } from "../../api/definitions";
import { flowsQuery } from "../../api/flows";
import { POLL_MILLIS } from "../../api/queries";
import { ALL, Choice } from "../../parts/Choice";
import { DataTable } from "../../parts/DataTable";
import { EmptyState } from "../../parts/EmptyState";
import { Loaded } from "../../parts/Loaded";
import { PageHead } from "../../parts/PageHead";
import css from "../../parts/page.module.css";
import { useSearch } from "../../parts/useSearch";
import { State } from "../../parts/values";
import { WriteButton, Writing } from "../../parts/WriteOnly";
import { paths } from "../../paths";
import { t } from "../../strings/en";
import { segments as words } from "../../strings/en/segments";
import { segmentColumns } from "./segmentColumns";
import { useEvaluation } from "./useEvaluation";
import { usesBySegment } from "./uses";

export function SegmentsPage() {
  const [search, setSearch] = useSearch<"find" | "use">();
  const query = useQuery({ ...definitionsQuery, refetchInterval: POLL_MILLIS });
  const flows = useQuery(flowsQuery);
  const { isBusy, last, start } = useEvaluation();
  const uses = usesBySegment(flows.data?.items ?? []);
  const create = (
    <Writing>
      {(isBarred) => (
        <LinkButton variant="accent" href={paths.newSegment()} isDisabled={isBarred}>
          {words.create}
        </LinkButton>
      )}
    </Writing>
  );
  const choices = [{ id: ALL, name: t.all }, ...Object.entries(words.uses).map(([id, name]) => ({ id, name }))];
  const isThere = query.data !== undefined && query.data.items.length > 0;
  return (
    <>
      <div className={css.head}>
        <PageHead title={words.title}>
          {last?.status === "FAILED" && <State variant="negative">{words.evaluationFailed}</State>}
          {isThere && (
            <WriteButton variant="secondary" isPending={isBusy} onPress={start}>
              {words.evaluateAll}
            </WriteButton>
          )}
          {isThere && create}
        </PageHead>
      </div>
      <Loaded query={query}>
        {({ items, hasMore }) =>
          items.length === 0 ? (
            <EmptyState title={words.empty} action={create}>
              {words.emptyText}
            </EmptyState>
          ) : (
            <div className={css.page}>
              <div className={css.bar}>
                <SearchField
                  aria-label={words.find}
                  placeholder={words.find}
                  value={search.find ?? ""}
                  onChange={(find) => setSearch({ find })}
                />
                <Choice label={words.use} items={choices} value={search.use} onChange={(use) => setSearch({ use })} />
              </div>
              <DataTable
                label={words.title}
                name="segments"
                columns={segmentColumns(uses)}
                rows={items.filter(({ id, name, expression }) => {
                  const find = (search.find ?? "").toLowerCase();
                  const isUsed = (uses.get(id)?.length ?? 0) > 0;
                  const fits = name.toLowerCase().includes(find) || expression.value.toLowerCase().includes(find);
                  return fits && (!search.use || isUsed === (search.use === "used"));
                })}
                rowKey={(segment) => segment.id}
                sort="name"
                hasMore={hasMore}
              />
            </div>
          )
        }
      </Loaded>
    </>
  );
}
