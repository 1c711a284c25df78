// Which records are shown. Text is taken when one leaves a field or presses Return, not with every letter.

import { Button, Switch, TextField } from "@react-spectrum/s2";
import { style } from "@react-spectrum/s2/style" with { type: "macro" };
import { useState } from "react";
import { ALL, Choice } from "../../parts/Choice";
import css from "../../parts/page.module.css";
import { t } from "../../strings/en";
import { audit as words } from "../../strings/en/audit";

export type FilterName = "actor" | "action" | "noun" | "objectId" | "since" | "until" | "server";
type Search = Partial<Record<FilterName, string>>;
type Props = { search: Search; onChange: (change: Partial<Record<FilterName, string | undefined>>) => void };

const TEXTS = ["actor", "noun", "objectId", "since", "until"] as const;
const TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?Z)?$/;

export function isTimeText(text: string | undefined): text is string {
  return text !== undefined && TIME.test(text) && !Number.isNaN(Date.parse(text));
}

export function AuditFilters({ search, onChange }: Props) {
  const choices = [{ id: ALL, name: t.all }, ...Object.entries(words.actions).map(([id, name]) => ({ id, name }))];
  const isAny = Object.values(search).some(Boolean);
  const none = { actor: "", action: "", noun: "", objectId: "", since: "", until: "", server: "" };
  return (
    <section className={css.fields} aria-label={words.filters}>
      {TEXTS.map((name) => (
        <TextFilter
          key={`${name} ${search[name] ?? ""}`}
          label={words[name]}
          value={search[name] ?? ""}
          isTime={name === "since" || name === "until"}
          onChange={(value) => onChange({ [name]: value })}
        />
      ))}
      <Choice label={words.action} items={choices} value={search.action} onChange={(action) => onChange({ action })} />
      <Switch isSelected={search.server === "1"} onChange={(isOn) => onChange({ server: isOn ? "1" : undefined })}>
        {words.server}
      </Switch>
      {isAny && (
        <Button variant="secondary" fillStyle="outline" onPress={() => onChange(none)}>
          {words.clear}
        </Button>
      )}
    </section>
  );
}

type TextProps = { label: string; value: string; isTime: boolean; onChange: (value: string) => void };

function TextFilter({ label, value, isTime, onChange }: TextProps) {
  const [text, setText] = useState(value);
  const isBad = isTime && text !== "" && !isTimeText(text);
  const take = () => {
    const trimmed = text.trim();
    if (trimmed !== value && !(isTime && trimmed !== "" && !isTimeText(trimmed))) onChange(trimmed);
  };
  return (
    <TextField
      label={label}
      value={text}
      onChange={setText}
      onBlur={take}
      onKeyDown={(event) => event.key === "Enter" && take()}
      placeholder={isTime ? "2026-11-22" : undefined}
      isInvalid={isBad}
      errorMessage={isBad ? words.badTime : undefined}
      styles={style({ width: 144 })}
    />
  );
}
