// Records as a table.

import type { JsonObject } from "../../api/dataShapes";
import { EmptyState } from "../../parts/EmptyState";
import css from "../../parts/page.module.css";
import { datasets as room } from "../../strings/en/datasets";
import { textOf, valueAt } from "./fields";
import { MaskAll, Masked, MaskToggle, useMasks } from "./masks";

const words = room.sample;

export type RecordColumn = { path: string; names: string[]; isSensitive: boolean };

export function RecordTable({ records, columns }: { records: JsonObject[]; columns: RecordColumn[] }) {
  const masks = useMasks(columns.filter((column) => column.isSensitive).map((column) => column.path));
  if (records.length === 0) return <EmptyState title={words.none} />;
  return (
    <>
      <MaskAll masks={masks} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className={css.scroll} aria-label={words.rows} tabIndex={0}>
        <table className={css.grid}>
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column.path} scope="col">
                  <span className={css.headCell}>
                    {column.path}
                    <MaskToggle masks={masks} name={column.path} />
                  </span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {records.map((record, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: records have no key, and do not change their order
              <tr key={index}>
                {columns.map((column) => {
                  const text = textOf(valueAt(record, column.names));
                  const isHidden = masks.hides(column.path) && text !== "";
                  return (
                    <td key={column.path} title={isHidden ? undefined : text}>
                      {isHidden ? <Masked /> : text}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  );
}
