// What files hold that are to be attached: their fields, to be picked as identities and time, and the first records.

import { ToggleButton } from "@react-spectrum/s2";
import type { Inspection } from "../../api/dataShapes";
import css from "../../parts/page.module.css";
import { datasets as room } from "../../strings/en/datasets";
import { type Draft, guessOf, withIdentity } from "./datasetDraft";
import own from "./datasets.module.css";
import { type Field, flatFields, labelled, leaves } from "./fields";
import { RecordTable } from "./RecordTable";

const words = room.look;
const IDS = /^(string|integer|decimal\(\d+,0\))$/;

type Props = { found: Inspection; draft: Draft; onChange: (part: Partial<Draft>) => void };

export function AttachFound({ found, draft, onChange }: Props) {
  // Fields have the labels that would be suggested for them: nobody has labelled them yet.
  const optionalLabels = found.suggestions.map(({ schemaPath, label }) => ({
    option: { schemaPath },
    labels: [label],
  }));
  const labels = { labels: [], optionalLabels, etag: "" };
  const fields = labelled(found.fields, labels, "");
  // A list or a map is one column, whatever is inside of it.
  const isSensitive = ({ schemaPath }: Field) =>
    found.sensitive.some((place) => place === schemaPath || place.startsWith(`${schemaPath}/`));
  const columns = leaves(fields).map((field) => ({
    path: field.path,
    names: field.names,
    isSensitive: isSensitive(field),
  }));
  return (
    <>
      <h3>{words.fields}</h3>
      <p className={css.quiet}>{words.fieldsHelp}</p>
      <section className={own.foundFields} aria-label={words.fields}>
        <table className={css.grid}>
          <thead>
            <tr>
              {[words.field, words.type, words.looksLike, words.use].map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {flatFields(fields).map((field) => (
              <FieldRow key={field.schemaPath} {...{ field, found, draft, onChange }} />
            ))}
          </tbody>
        </table>
      </section>
      <h3>{words.records}</h3>
      <RecordTable records={found.records} columns={columns} />
    </>
  );
}

function FieldRow({ field, found, draft, onChange }: Props & { field: Field }) {
  const guess = found.identities.find(({ path }) => path === field.path);
  const isIdentity = draft.identities.some(({ path }) => path === field.path);
  const mayBeTime = /^(timestamp|date)$/.test(field.type) || found.timestamps.includes(field.path);
  return (
    <tr>
      <td style={{ paddingInlineStart: `${8 + 14 * (field.names.length - 1)}px` }}>{field.name}</td>
      <td className={own.type}>{field.type}</td>
      <td>
        {guess
          ? words.guess(room.suggestions.likeness[guess.likeness] ?? guess.likeness, guess.namespace)
          : found.timestamps[0] === field.path && words.time}
      </td>
      <td>
        <span className={css.row}>
          {IDS.test(field.type) && (
            <ToggleButton
              size="S"
              isSelected={isIdentity}
              aria-label={words.asIdentity(field.path)}
              onChange={() =>
                onChange({ identities: withIdentity(draft.identities, field.path, guessOf(found, field.path)) })
              }
            >
              {words.identity}
            </ToggleButton>
          )}
          {mayBeTime && (
            <ToggleButton
              size="S"
              isSelected={draft.timestamp === field.path}
              aria-label={words.asTime(field.path)}
              onChange={(isOn) => onChange({ timestamp: isOn ? field.path : "" })}
            >
              {words.timeField}
            </ToggleButton>
          )}
        </span>
      </td>
    </tr>
  );
}
