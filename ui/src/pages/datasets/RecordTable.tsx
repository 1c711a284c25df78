// Records as a table. Values that identify somebody are hidden until somebody asks for them, and again when they leave.

import { ActionButton, ToggleButton } from "@react-spectrum/s2";
import Visibility from "@react-spectrum/s2/icons/Visibility";
import VisibilityOff from "@react-spectrum/s2/icons/VisibilityOff";
import { useState } from "react";
import type { JsonObject } from "../../api/dataShapes";
import { EmptyState } from "../../parts/EmptyState";
import { datasets as room } from "../../strings/en/datasets";
import css from "../pages.module.css";
import { textOf, valueAt } from "./fields";

const words = room.sample;

export type RecordColumn = { path: string; names: string[]; isSensitive: boolean };

export function RecordTable({ records, columns }: { records: JsonObject[]; columns: RecordColumn[] }) {
  const [shown, setShown] = useState<Set<string>>(new Set());
  const hidden = columns.filter((column) => column.isSensitive);
  if (records.length === 0) return <EmptyState title={words.none} />;
  const toggle = (path: string) => {
    const next = new Set(shown);
    if (!next.delete(path)) next.add(path);
    setShown(next);
  };
  return (
    <>
      {hidden.length > 0 && (
        <div className={css.row}>
          <ToggleButton
            isSelected={shown.size > 0}
            onChange={(isOn) => setShown(isOn ? new Set(hidden.map((column) => column.path)) : new Set())}
          >
            {shown.size > 0 ? words.hide : words.show}
          </ToggleButton>
        </div>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className={css.scroll} aria-label={words.rows} tabIndex={0}>
        <table className={css.grid}>
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column.path} scope="col">
                  <span className={css.headCell}>
                    {column.path}
                    {column.isSensitive && (
                      <ActionButton
                        isQuiet
                        size="XS"
                        aria-label={shown.has(column.path) ? words.hideOf(column.path) : words.showOf(column.path)}
                        onPress={() => toggle(column.path)}
                      >
                        {shown.has(column.path) ? <VisibilityOff /> : <Visibility />}
                      </ActionButton>
                    )}
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
                  const isHidden = column.isSensitive && !shown.has(column.path) && text !== "";
                  return (
                    <td key={column.path} title={isHidden ? undefined : text}>
                      {isHidden ? (
                        <span className={css.masked}>
                          <span aria-hidden>••••••</span>
                          <span className="visually-hidden">{words.masked}</span>
                        </span>
                      ) : (
                        text
                      )}
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
