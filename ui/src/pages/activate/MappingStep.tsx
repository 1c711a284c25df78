// Which fields are exported, in which order and under which names; which are mandatory, and what deduplicates.

import { Button, Picker, PickerItem, Tag, TagGroup } from "@react-spectrum/s2";
import { useState } from "react";
import { EmptyState } from "../../parts/EmptyState";
import { canonicalPath } from "../../parts/fieldPath";
import css from "../../parts/wizard.module.css";
import { t } from "../../strings/en";
import { activate as room } from "../../strings/en/activate";
import own from "./activate.module.css";
import {
  type ActivateDraft,
  type DraftRow,
  doubleHeaders,
  headerOf,
  isStreamOwn,
  moved,
  ROWS_AT_FIRST,
  STATUS_PATH,
} from "./draft";
import { FieldsDialog } from "./FieldsDialog";
import type { Known, MapField } from "./fields";
import { MappingRow } from "./MappingRow";

const words = room.mapping;
const ROWS_ADVISED = 50;
const KEYS_MAX = 2;
const NONE = "none";
const ATTRIBUTES = "attributes";

type Props = {
  draft: ActivateDraft;
  onChange: (part: Partial<ActivateDraft>) => void;
  fields: MapField[];
  namespaces: string[];
  known: Known;
  isBatch: boolean;
};

export function MappingStep({ draft, onChange, fields, namespaces, known, isBatch }: Props) {
  const [isAdding, setAdding] = useState(false);
  const [lastMoved, setLastMoved] = useState<{ key: string; text: string }>();
  const { rows, mandatory, keys, namespace } = draft;
  const byPath = new Map(fields.map((field) => [field.path, field]));
  const paths = new Set(rows.map((row) => canonicalPath(row.path)));
  const double = isBatch ? doubleHeaders(rows) : new Set<string>();
  const recommended = [...ROWS_AT_FIRST, ...(isBatch ? [STATUS_PATH] : [])].filter(
    (path) => byPath.has(path) && !paths.has(path),
  );
  const setRow = (key: string, part: Partial<DraftRow>) =>
    onChange({ rows: rows.map((row) => (row.key === key ? { ...row, ...part } : row)) });
  const toggle = (list: string[], path: string, isOn: boolean) =>
    isOn ? [...list, path] : list.filter((other) => other !== path);
  const add = (more: string[]) => {
    onChange({ rows: [...rows, ...more.map((path) => ({ key: path, path, header: "" }))] });
    setAdding(false);
  };
  const remove = (row: DraftRow) =>
    onChange({
      rows: rows.filter((other) => other.key !== row.key),
      mandatory: mandatory.filter((path) => path !== row.path),
      keys: keys.filter((path) => path !== row.path),
    });
  const move = (from: number, to: number) => {
    const row = rows[from];
    if (!row) return;
    onChange({ rows: moved(rows, from, to) });
    setLastMoved({
      key: row.key,
      text: words.movedTo(byPath.get(canonicalPath(row.path))?.name ?? row.path, to + 1, rows.length),
    });
  };
  const problemOf = (row: DraftRow) => {
    if (!isBatch) return isStreamOwn(row.path) ? words.ownOfStream : undefined;
    return double.has(headerOf(row)) ? words.double(headerOf(row)) : undefined;
  };
  const beside = [...new Set([...mandatory, ...keys])].filter((path) => !paths.has(canonicalPath(path)));
  return (
    <div className={css.stack}>
      <p className={css.quiet}>{isBatch ? words.lead : words.leadStream}</p>
      <div className={css.bar}>
        <Button variant="primary" size="S" onPress={() => setAdding(true)}>
          {words.add}
        </Button>
        {recommended.length > 0 && (
          <Button variant="secondary" size="S" onPress={() => add(recommended)}>
            {words.addRecommended}
          </Button>
        )}
        {isBatch && <DedupPicker draft={draft} namespaces={namespaces} onChange={onChange} />}
      </div>
      {rows.length === 0 ? (
        <EmptyState title={words.empty}>{words.emptyText}</EmptyState>
      ) : (
        <div className={css.scroll}>
          <table className={css.table} aria-label={words.label}>
            <thead>
              <tr>
                {isBatch && (
                  <th>
                    <span className="visually-hidden">#</span>
                  </th>
                )}
                <th>{words.source}</th>
                {isBatch && (
                  <>
                    <th>{words.header}</th>
                    <th title={words.mandatoryHelp}>{words.mandatory}</th>
                    <th title={words.keyHelp}>{words.key}</th>
                  </>
                )}
                <th>
                  <span className="visually-hidden">{t.more}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row, at) => (
                <MappingRow
                  key={row.key}
                  row={row}
                  field={byPath.get(canonicalPath(row.path))}
                  at={at}
                  rows={rows.length}
                  isBatch={isBatch}
                  isMandatory={mandatory.includes(row.path)}
                  isKey={keys.includes(row.path)}
                  canBeKey={namespace === "" && keys.length < KEYS_MAX}
                  isMoved={lastMoved?.key === row.key}
                  problem={problemOf(row)}
                  onMove={move}
                  onHeader={(header) => setRow(row.key, { header })}
                  onMandatory={(isOn) => onChange({ mandatory: toggle(mandatory, row.path, isOn) })}
                  onKey={(isOn) => onChange({ keys: toggle(keys, row.path, isOn) })}
                  onRemove={() => remove(row)}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <span className="visually-hidden" aria-live="assertive">
        {lastMoved?.text}
      </span>
      {isBatch && (
        <ul className={own.notes}>
          <li>
            {words.mandatory}: {words.mandatoryHelp}
          </li>
          <li>
            {words.key}: {namespace === "" ? words.keyHelp : words.namespaceHelp}
          </li>
        </ul>
      )}
      {beside.length > 0 && (
        <TagGroup
          label={words.unmapped}
          items={beside.map((id) => ({ id }))}
          onRemove={(gone) =>
            onChange({
              mandatory: mandatory.filter((path) => !gone.has(path)),
              keys: keys.filter((path) => !gone.has(path)),
            })
          }
        >
          {(item) => <Tag id={item.id}>{item.id}</Tag>}
        </TagGroup>
      )}
      {rows.length > ROWS_ADVISED && <p className={css.quiet}>{words.tooMany}</p>}
      {isAdding && (
        <FieldsDialog fields={fields} known={known} mapped={[...paths]} onAdd={add} onClose={() => setAdding(false)} />
      )}
    </div>
  );
}

type DedupProps = Pick<Props, "draft" | "namespaces" | "onChange">;

function DedupPicker({ draft, namespaces, onChange }: DedupProps) {
  // The choice of columns stands even before the first is ticked.
  const [isByColumns, setByColumns] = useState(draft.keys.length > 0);
  const all = draft.namespace === "" ? namespaces : [...new Set([draft.namespace, ...namespaces])];
  const items = [
    { id: NONE, name: words.dedupBy.none },
    { id: ATTRIBUTES, name: words.dedupBy.attributes },
    ...all.map((name) => ({ id: `=${name}`, name: words.dedupBy.namespace(name) })),
  ];
  const isColumns = draft.keys.length > 0 || isByColumns;
  const chosen = draft.namespace !== "" ? `=${draft.namespace}` : isColumns ? ATTRIBUTES : NONE;
  const choose = (key: string) => {
    setByColumns(key === ATTRIBUTES);
    if (key === NONE) onChange({ keys: [], namespace: "" });
    else if (key === ATTRIBUTES) onChange({ namespace: "" });
    else onChange({ keys: [], namespace: key.slice(1) });
  };
  return (
    <Picker
      label={words.dedup}
      labelPosition="side"
      size="S"
      items={items}
      selectedKey={chosen}
      onSelectionChange={(key) => choose(String(key))}
    >
      {(item) => <PickerItem id={item.id}>{item.name}</PickerItem>}
    </Picker>
  );
}
