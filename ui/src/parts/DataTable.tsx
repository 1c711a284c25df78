// The table of the console: sorting, choosing columns, paging, one selected row. How it is sorted and which page is shown
// are in the address. Filtering is the page's own: what it passes as rows is what is shown.

import {
  ActionButton,
  Cell,
  Row,
  type SortDescriptor,
  Column as SpectrumColumn,
  TableBody,
  TableHeader,
  TableView,
} from "@react-spectrum/s2";
import ChevronLeft from "@react-spectrum/s2/icons/ChevronLeft";
import ChevronRight from "@react-spectrum/s2/icons/ChevronRight";
import type { ReactNode } from "react";
import { tableParams } from "../paths";
import { t } from "../strings/en";
import { ColumnsMenu, useShownColumns } from "./ColumnsMenu";
import css from "./parts.module.css";
import { type SortKey, sorted } from "./sorted";
import { askedSort, pageOf, sortText } from "./tableState";
import { useSearch } from "./useSearch";

export type Column<T> = {
  id: string;
  label: string;
  cell: (row: T) => ReactNode;
  /** What the column sorts by; without it, it does not. */
  sortBy?: (row: T) => SortKey;
  /** In pixels, or as a part of what the others leave, such as `2fr`. */
  width?: number | `${number}fr`;
  minWidth?: number;
  align?: "start" | "end";
  /** Not shown until somebody asks for it. */
  isExtra?: boolean;
};

type Props<T> = {
  label: string;
  columns: Column<T>[];
  rows: T[];
  rowKey: (row: T) => string;
  /** Column by which it is sorted at first, with `-` before it for the other direction. */
  sort?: string;
  /** With a name, columns can be chosen, and the choice is kept under it. */
  name?: string;
  /** What the table is called in the address, where the page has more than one. */
  at?: string;
  selected?: string;
  onSelect?: (key: string | undefined) => void;
  /** In a page that scrolls, with other things below it. */
  isFit?: boolean;
  hasMore?: boolean;
};

const PAGE_ROWS = 50;
const ROW_PX = 32;
/** What tells that nothing matches is as high as these rows. */
const EMPTY_ROWS = 2;
/** So much of a table is always to be seen where the page has less room than it has rows. */
const LEAST_PX = 160;
/** The line below it, with the gap. */
const FOOT_PX = 40;

export function DataTable<T extends object>(props: Props<T>) {
  const { label, columns, rows, rowKey, selected, onSelect, isFit = false, hasMore = false } = props;
  const [search, setSearch] = useSearch<string>();
  const params = tableParams(props.at);
  const sortable = columns.filter((column) => column.sortBy !== undefined).map((column) => column.id);
  const sort = askedSort(search[params.sort], props.sort, sortable);
  const [shown, setShown] = useShownColumns(props.name, columns);
  const visible = columns.filter((column) => shown.has(column.id));
  const by = columns.find((column) => column.id === sort.column)?.sortBy;
  const ordered = by ? sorted(rows, by, sort.direction) : rows;
  const pages = Math.max(1, Math.ceil(ordered.length / PAGE_ROWS));
  const at = pageOf(search[params.page], pages);
  const setPage = (page: number) => setSearch({ [params.page]: page === 0 ? undefined : String(page + 1) });
  const setSort = (next: SortDescriptor) => {
    const text = sortText({ column: String(next.column), direction: next.direction });
    setSearch({ [params.sort]: text === props.sort ? undefined : text, [params.page]: undefined });
  };
  const some = ordered.slice(at * PAGE_ROWS, (at + 1) * PAGE_ROWS);
  // As high as its rows, the header being one of them. What it has not the room for it scrolls.
  const height = `calc(var(--s2-scale, 1) * ${((some.length || EMPTY_ROWS) + 1) * ROW_PX}px + 2px)`;
  const size = isFit
    ? { height, minHeight: 0, maxHeight: `max(${2 * LEAST_PX}px, 70dvh)` }
    : { minHeight: `min(${LEAST_PX}px, ${height})`, maxHeight: height };
  // What is below must not slide over the table where the window is low.
  const box = isFit ? {} : { minHeight: `calc(min(${LEAST_PX}px, ${height}) + ${FOOT_PX}px)` };
  return (
    <div className={`${css.tableBox} ${isFit ? "" : css.fill}`} style={box}>
      <TableView
        aria-label={label}
        density="compact"
        sortDescriptor={sort}
        onSortChange={setSort}
        selectionMode={onSelect ? "single" : "none"}
        selectionStyle="highlight"
        selectedKeys={selected ? [selected] : []}
        onSelectionChange={(keys) => onSelect?.([...(keys === "all" ? [] : keys)].map(String)[0])}
        UNSAFE_className={isFit ? undefined : css.fill}
        UNSAFE_style={size}
      >
        <TableHeader columns={visible}>
          {(column) => (
            <SpectrumColumn
              id={column.id}
              isRowHeader={column === visible[0]}
              allowsSorting={column.sortBy !== undefined}
              align={column.align ?? "start"}
              minWidth={column.minWidth ?? 96}
              {...(column.width !== undefined && { width: column.width })}
            >
              {column.label}
            </SpectrumColumn>
          )}
        </TableHeader>
        <TableBody items={some} dependencies={[visible]} renderEmptyState={() => <p>{t.table.noMatch}</p>}>
          {(row) => (
            <Row id={rowKey(row)} columns={visible} dependencies={[row]}>
              {(column: Column<T>) => <Cell align={column.align ?? "start"}>{column.cell(row)}</Cell>}
            </Row>
          )}
        </TableBody>
      </TableView>
      {(props.name !== undefined || pages > 1 || hasMore) && (
        <div className={css.tableFoot}>
          <span>{hasMore ? t.table.hasMore(rows.length) : t.table.rows(rows.length)}</span>
          <span className={css.tableTools}>
            {pages > 1 && <Pager page={at} pages={pages} onPage={setPage} />}
            {props.name !== undefined && <ColumnsMenu columns={columns} shown={shown} onChange={setShown} />}
          </span>
        </div>
      )}
    </div>
  );
}

function Pager({ page, pages, onPage }: { page: number; pages: number; onPage: (page: number) => void }) {
  return (
    <>
      <ActionButton
        isQuiet
        size="S"
        aria-label={t.table.previous}
        isDisabled={page === 0}
        onPress={() => onPage(page - 1)}
      >
        <ChevronLeft />
      </ActionButton>
      <span>{t.table.page(page + 1, pages)}</span>
      <ActionButton
        isQuiet
        size="S"
        aria-label={t.table.next}
        isDisabled={page === pages - 1}
        onPress={() => onPage(page + 1)}
      >
        <ChevronRight />
      </ActionButton>
    </>
  );
}
