// The first rows as they would come out, of the segment's rule as it is now.

import { Picker, PickerItem } from "@react-spectrum/s2";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type Profile, profileSampleQuery, type Rule } from "../../api/profiles";
import { sizedSegmentsQuery } from "../../api/segmentSizes";
import { toCell } from "../../parts/csv";
import { hasData, membershipMember, parsePath, valueAt } from "../../parts/fieldPath";
import { Loaded } from "../../parts/Loaded";
import { NONE } from "../../parts/values";
import css from "../../parts/wizard.module.css";
import { activate as room } from "../../strings/en/activate";
import own from "./activate.module.css";
import { type ActivateDraft, headerOf } from "./draft";

const words = room.preview;
const ROWS = 5;

export function PreviewRows({ draft, isBatch }: { draft: ActivateDraft; isBatch: boolean }) {
  const [asked, setAsked] = useState<string>();
  const segments = useQuery(sizedSegmentsQuery);
  const id = draft.segments.some((one) => one.id === asked) ? asked : draft.segments[0]?.id;
  const rule = segments.data?.items.find((one) => one.id === id)?.expression as Rule | undefined;
  if (!rule || draft.rows.length === 0) return null;
  return (
    <section className={css.panel} aria-label={words.title}>
      <div className={css.bar}>
        <h3>{words.title}</h3>
        {draft.segments.length > 1 && (
          <Picker
            aria-label={words.of}
            size="S"
            items={draft.segments}
            selectedKey={id}
            onSelectionChange={(key) => setAsked(String(key))}
          >
            {(one) => <PickerItem id={one.id}>{one.name}</PickerItem>}
          </Picker>
        )}
      </div>
      <Sample rule={rule} draft={draft} isBatch={isBatch} />
      <p className={css.quiet}>{words.text}</p>
    </section>
  );
}

function Sample({ rule, draft, isBatch }: { rule: Rule; draft: ActivateDraft; isBatch: boolean }) {
  const query = useQuery(profileSampleQuery(rule));
  return (
    <Loaded query={query} lines={ROWS}>
      {(profiles) => {
        if (profiles.length === 0) return <p>{words.empty}</p>;
        return isBatch ? (
          <Rows profiles={profiles.slice(0, ROWS)} draft={draft} />
        ) : (
          <Message profile={profiles[0] ?? {}} draft={draft} />
        );
      }}
    </Loaded>
  );
}

function Rows({ profiles, draft }: { profiles: Profile[]; draft: ActivateDraft }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className={css.scroll} aria-label={words.rows} tabIndex={0}>
      <table className={`${css.table} ${own.preview}`}>
        <thead>
          <tr>
            {draft.rows.map((row) => (
              <th key={row.key}>{headerOf(row)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {profiles.map((profile) => {
            const isLeftOut = draft.mandatory.some((path) => !hasData(cellOf(profile, path)));
            const key = JSON.stringify(profile);
            return (
              <tr key={key} data-left-out={isLeftOut || undefined} title={isLeftOut ? words.leftOut : undefined}>
                {draft.rows.map((row) => (
                  <td key={row.key}>{String(toCell(cellOf(profile, row.path)) ?? NONE)}</td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

/** A value of the profile; of the exported membership what the first file says. */
function cellOf(profile: Profile, path: string): unknown {
  const member = membershipMember(path);
  if (member === "status") return "realized";
  return member ? room.fields.evaluated : valueAt(profile, path);
}

/** The mapped part of a message. */
function Message({ profile, draft }: { profile: Profile; draft: ActivateDraft }) {
  const message: Record<string, unknown> = {};
  for (const { path } of draft.rows) {
    const value = valueAt(profile, path);
    const steps = (parsePath(path) ?? []).map(String);
    if (hasData(value)) put(message, steps, value);
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <pre tabIndex={0}>{JSON.stringify(message, null, 2)}</pre>
  );
}

function put(into: Record<string, unknown>, [first = "", ...rest]: string[], value: unknown) {
  if (rest.length === 0) {
    into[first] = value;
    return;
  }
  const inner = into[first];
  const next = typeof inner === "object" && inner !== null ? { ...inner } : {};
  into[first] = next;
  put(next as Record<string, unknown>, rest, value);
}
