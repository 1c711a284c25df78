// Which segments are activated, found by name, with their size and how that went.

import {
  Cell,
  Column,
  Row,
  SearchField,
  type SortDescriptor,
  Switch,
  TableBody,
  TableHeader,
  TableView,
} from "@react-spectrum/s2";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { segmentTrendQuery, sizedSegmentsQuery } from "../../api/segmentSizes";
import type { Segment } from "../../api/shapes";
import { EmptyState } from "../../parts/EmptyState";
import { formatCount } from "../../parts/format";
import { Loaded } from "../../parts/Loaded";
import { Sparkline } from "../../parts/Sparkline";
import { sorted } from "../../parts/sorted";
import { useSearch } from "../../parts/useSearch";
import { Count, Time } from "../../parts/values";
import css from "../../parts/wizard.module.css";
import { activate as room } from "../../strings/en/activate";
import own from "./activate.module.css";
import { type DraftSegment, newSegment } from "./draft";

const words = room.segments;

type Props = { chosen: DraftSegment[]; onChange: (segments: DraftSegment[]) => void };

export function SegmentsStep({ chosen, onChange }: Props) {
  const query = useQuery(sizedSegmentsQuery);
  return <Loaded query={query}>{({ items }) => <Choice items={items} chosen={chosen} onChange={onChange} />}</Loaded>;
}

type Shown = Segment & { isGone?: boolean };

function Choice({ items, chosen, onChange }: Props & { items: Segment[] }) {
  const [search, setSearch] = useSearch<"find">();
  const [isOnlyChosen, setOnlyChosen] = useState(false);
  const [sort, setSort] = useState<SortDescriptor>({ column: "name", direction: "ascending" });
  const known = new Set(items.map((segment) => segment.id));
  const gone = chosen.filter((one) => !known.has(one.id));
  const all: Shown[] = [...gone.map(({ id, name }) => ({ id, name, isGone: true }) as Shown), ...items];
  const find = (search.find ?? "").toLowerCase();
  const picked = new Set(chosen.map((one) => one.id));
  const shown = all.filter(
    (one) =>
      `${one.name} ${one.description ?? ""}`.toLowerCase().includes(find) && (!isOnlyChosen || picked.has(one.id)),
  );
  const select = (keys: "all" | Set<string | number>) => {
    const visible = new Set(shown.map((one) => one.id));
    // What the search hides stays as it is.
    const next = all.filter((one) => {
      if (!visible.has(one.id)) return picked.has(one.id);
      return keys === "all" || keys.has(one.id);
    });
    const before = new Map(chosen.map((one) => [one.id, one]));
    onChange(next.map((one) => before.get(one.id) ?? newSegment(one.id, one.name, new Date())));
  };
  if (all.length === 0) return <EmptyState title={words.none}>{words.noneText}</EmptyState>;
  const by = sort.column === "size" ? (one: Shown) => one.counts?.profiles : (one: Shown) => one.name;
  return (
    <div className={css.stack}>
      <div className={css.bar}>
        <SearchField
          aria-label={words.find}
          placeholder={words.find}
          value={search.find ?? ""}
          onChange={(value) => setSearch({ find: value })}
        />
        <Switch isSelected={isOnlyChosen} onChange={setOnlyChosen}>
          {words.onlyChosen}
        </Switch>
        <span aria-live="polite">{words.chosen(chosen.length)}</span>
      </div>
      <TableView
        aria-label={words.label}
        density="compact"
        selectionMode="multiple"
        selectedKeys={picked}
        onSelectionChange={select}
        sortDescriptor={sort}
        onSortChange={setSort}
        UNSAFE_className={own.segments}
      >
        <TableHeader>
          <Column id="name" isRowHeader allowsSorting minWidth={240}>
            {words.name}
          </Column>
          <Column id="size" allowsSorting align="end" width={130}>
            {words.size}
          </Column>
          <Column id="trend" width={150}>
            {words.trend}
          </Column>
          <Column id="evaluated" width={190}>
            {words.evaluated}
          </Column>
        </TableHeader>
        <TableBody items={sorted(shown, by, sort.direction)} renderEmptyState={() => <p>{words.noMatch}</p>}>
          {(segment) => (
            <Row id={segment.id} textValue={segment.name}>
              <Cell>{segment.isGone ? `${segment.name} – ${words.gone}` : segment.name}</Cell>
              <Cell align="end">
                <Count value={segment.counts?.profiles} />
              </Cell>
              <Cell>{segment.isGone ? "" : <Trend segment={segment} />}</Cell>
              <Cell>{segment.counts ? <Time at={segment.counts.evaluatedAt} /> : words.never}</Cell>
            </Row>
          )}
        </TableBody>
      </TableView>
    </div>
  );
}

function Trend({ segment }: { segment: Segment }) {
  const { data } = useQuery({ ...segmentTrendQuery(segment.id), enabled: Boolean(segment.counts) });
  if (!data || data.length === 0) return null;
  const sizes = data.map((point) => point.size);
  const [from, to] = [sizes[0] ?? 0, sizes.at(-1) ?? 0];
  const label =
    sizes.length === 1
      ? words.oneEvaluation
      : words.trendOf(segment.name, formatCount(from), formatCount(to), sizes.length);
  return <Sparkline values={sizes} label={label} />;
}
