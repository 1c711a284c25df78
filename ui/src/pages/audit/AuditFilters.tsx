// Which records are shown. Text is taken when one leaves a field or presses Return, not with every letter.

import { type CalendarDate, parseDate } from "@internationalized/date";
import { ActionButton, DatePicker, TextField } from "@react-spectrum/s2";
import Close from "@react-spectrum/s2/icons/Close";
import { style } from "@react-spectrum/s2/style" with { type: "macro" };
import { useState } from "react";
import { ALL, Choice } from "../../parts/Choice";
import { IsoDates } from "../../parts/IsoDates";
import { useMay } from "../../parts/WriteOnly";
import { t } from "../../strings/en";
import { audit as words } from "../../strings/en/audit";
import css from "./audit.module.css";
import { isTimeText } from "./timeText";

export type FilterName = "actor" | "action" | "noun" | "objectId" | "since" | "until" | "server";
type Search = Partial<Record<FilterName, string>>;
type Props = { search: Search; onChange: (change: Partial<Record<FilterName, string | undefined>>) => void };

const NO_FILTERS: Record<FilterName, undefined> = {
  actor: undefined,
  action: undefined,
  noun: undefined,
  objectId: undefined,
  since: undefined,
  until: undefined,
  server: undefined,
};
/** While a year is typed, its first digits are a year, too. */
const FIRST_YEAR = 1970;
const full = style({ width: "full" });

export function AuditFilters({ search, onChange }: Props) {
  const maySeeServer = useMay("*");
  const isAny = Object.keys(NO_FILTERS).some((name) => search[name as FilterName]);
  return (
    <section className={css.filters} aria-label={words.filters}>
      <TextFilter name="actor" search={search} onChange={onChange} />
      <Choice
        isField
        label={words.action}
        items={choices(words.actions)}
        value={search.action}
        onChange={(action) => onChange({ action })}
      />
      <Choice
        isField
        label={words.noun}
        items={choices(words.nouns)}
        value={search.noun}
        onChange={(noun) => onChange({ noun })}
      />
      <TextFilter name="objectId" search={search} onChange={onChange} />
      <div className={css.days}>
        <IsoDates>
          <DayFilter name="since" search={search} onChange={onChange} />
          <DayFilter name="until" search={search} onChange={onChange} />
        </IsoDates>
      </div>
      {maySeeServer && (
        <Choice
          isField
          label={words.about}
          items={[
            { id: ALL, name: words.abouts.sandbox },
            { id: "1", name: words.abouts.server },
          ]}
          value={search.server}
          onChange={(server) => onChange({ server })}
        />
      )}
      <ActionButton
        isQuiet
        aria-label={words.clear}
        isDisabled={!isAny}
        onPress={() => onChange(NO_FILTERS)}
        UNSAFE_className={css.clear}
      >
        <Close />
      </ActionButton>
    </section>
  );
}

function choices(names: Record<string, string>) {
  return [{ id: ALL, name: t.all }, ...Object.entries(names).map(([id, name]) => ({ id, name }))];
}

function TextFilter({ name, search, onChange }: Props & { name: "actor" | "objectId" }) {
  const value = search[name] ?? "";
  const [text, setText] = useState(value);
  const [shown, setShown] = useState(value);
  // The address can change from elsewhere. The field stays the same one, and keeps the focus.
  if (shown !== value) {
    setShown(value);
    setText(value);
  }
  const take = () => {
    if (text.trim() !== value) onChange({ [name]: text.trim() });
  };
  return (
    <TextField
      label={words[name]}
      value={text}
      onChange={setText}
      onBlur={take}
      onKeyDown={(event) => event.key === "Enter" && take()}
      styles={full}
    />
  );
}

/** A day of the address, which may also say a time of it. */
function DayFilter({ name, search, onChange }: Props & { name: "since" | "until" }) {
  const text = search[name];
  const [typed, setTyped] = useState<CalendarDate>();
  return (
    <DatePicker
      label={words[name]}
      value={typed ?? (isTimeText(text) ? parseDate(text.slice(0, 10)) : null)}
      onChange={(date) => {
        const isWhole = date === null || date.year >= FIRST_YEAR;
        setTyped(isWhole ? undefined : date);
        if (isWhole) onChange({ [name]: date?.toString() });
      }}
      styles={full}
    />
  );
}
