// What the files of a destination are.

import { Disclosure, DisclosurePanel, DisclosureTitle, NumberField, Picker, PickerItem } from "@react-spectrum/s2";
import { style } from "@react-spectrum/s2/style" with { type: "macro" };
import type { Problem } from "../../api/problem";
import css from "../../parts/wizard.module.css";
import { configure as room } from "../../strings/en/configure";
import own from "./configure.module.css";
import type { FileChoices } from "./draft";

const words = room.files;
const full = style({ width: "full" });
const ROWS_MAX = 5_000_000;

type Props = { files: FileChoices; onChange: (files: FileChoices) => void; problem?: Problem };

export function FileOptions({ files, onChange, problem }: Props) {
  const csv = (part: Partial<FileChoices["csvOptions"]>) =>
    onChange({ ...files, csvOptions: { ...files.csvOptions, ...part } });
  const at = (name: string) => problem?.field(`/params/${name}`);
  return (
    <section className={css.stack} aria-label={words.title}>
      <h3>{words.title}</h3>
      <div className={own.pair}>
        <Choice
          label={words.fileType}
          names={words.types}
          value={files.fileType}
          onChange={(fileType) => onChange({ ...files, fileType })}
          error={at("fileType")}
        />
        <Choice
          label={words.compression}
          names={words.compressions}
          value={files.compression}
          onChange={(compression) => onChange({ ...files, compression })}
          error={at("compression")}
        />
        <NumberField
          label={words.rowsPerFile}
          value={files.rowsPerFile ?? ROWS_MAX}
          onChange={(rows) =>
            onChange({ ...files, rowsPerFile: Number.isNaN(rows) || rows === ROWS_MAX ? undefined : rows })
          }
          minValue={1}
          maxValue={ROWS_MAX}
          isInvalid={at("rowsPerFile") !== undefined}
          errorMessage={at("rowsPerFile")}
          styles={full}
        />
      </div>
      {files.fileType === "CSV" && (
        <Disclosure size="S" density="compact" isQuiet>
          <DisclosureTitle level={3}>{words.csv}</DisclosureTitle>
          <DisclosurePanel>
            <div className={own.pair}>
              <Choice
                label={words.delimiter}
                names={words.delimiters}
                value={files.csvOptions.delimiter}
                onChange={(delimiter) => csv({ delimiter })}
                error={at("csvOptions/delimiter")}
              />
              <Choice
                label={words.quote}
                names={words.quotes}
                value={files.csvOptions.quote}
                onChange={(quote) => csv({ quote })}
                error={at("csvOptions/quote")}
              />
              <Choice
                label={words.escape}
                names={words.escapes}
                value={files.csvOptions.escape}
                onChange={(mark) => csv({ escape: mark })}
                error={at("csvOptions/escape")}
              />
              <Choice
                label={words.nullValue}
                names={words.texts}
                value={files.csvOptions.nullValue}
                onChange={(nullValue) => csv({ nullValue })}
                error={at("csvOptions/nullValue")}
              />
              <Choice
                label={words.emptyValue}
                names={words.texts}
                value={files.csvOptions.emptyValue}
                onChange={(emptyValue) => csv({ emptyValue })}
                error={at("csvOptions/emptyValue")}
              />
              <Choice
                label={words.lineEnding}
                names={words.lineEndings}
                value={files.csvOptions.lineEnding}
                onChange={(lineEnding) => csv({ lineEnding })}
                error={at("csvOptions/lineEnding")}
              />
            </div>
          </DisclosurePanel>
        </Disclosure>
      )}
    </section>
  );
}

type ChoiceProps = {
  label: string;
  /** What is shown, by what is sent. */
  names: Record<string, string>;
  value: string;
  onChange: (value: string) => void;
  error?: string;
};

function Choice({ label, names, value, onChange, error }: ChoiceProps) {
  // A key may not be empty.
  const items = Object.entries(names).map(([id, name]) => ({ id: `=${id}`, name }));
  return (
    <Picker
      label={label}
      items={items}
      selectedKey={`=${value}`}
      onSelectionChange={(key) => onChange(String(key).slice(1))}
      isInvalid={error !== undefined}
      errorMessage={error}
      styles={full}
    >
      {(item) => <PickerItem id={item.id}>{item.name}</PickerItem>}
    </Picker>
  );
}
