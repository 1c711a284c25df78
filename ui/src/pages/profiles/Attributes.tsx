// A profile's attributes, one a row, with the labels that they carry.

import { Switch } from "@react-spectrum/s2";
import { useState } from "react";
import type { JsonObject } from "../../api/dataShapes";
import type { FoundProfile } from "../../api/people";
import { LabelChips } from "../../parts/LabelChips";
import { PageLoading } from "../../parts/PageLoading";
import css from "../../parts/page.module.css";
import { Section } from "../../parts/Section";
import { NONE } from "../../parts/values";
import { profiles as room } from "../../strings/en/profiles";
import { textOf, valueAt } from "../datasets/fields";
import { MaskAll, Masked, MaskToggle, useMasks } from "../datasets/masks";
import { type ProfileColumn, useProfileColumns } from "../datasets/useProfileColumns";

const words = room.attributes;
/** These have tables of their own. */
const OTHERS = ["identityMap", "segmentMembership"];

export function Attributes({ profile }: { profile: FoundProfile }) {
  const columns = useProfileColumns();
  return (
    <Section title={words.title}>
      {columns ? (
        <Values profile={profile} columns={columns.filter(({ names }) => !OTHERS.includes(names[0] ?? ""))} />
      ) : (
        <PageLoading lines={4} />
      )}
      {(profile.leftOut ?? []).length > 0 && (
        <p className={css.quiet}>{words.leftOut((profile.leftOut ?? []).join(", "))}</p>
      )}
    </Section>
  );
}

function Values({ profile, columns }: { profile: FoundProfile; columns: ProfileColumn[] }) {
  const [showsEmpty, setShowsEmpty] = useState(false);
  const masks = useMasks(columns.filter((column) => column.isSensitive).map((column) => column.path));
  const rows = columns.map((column) => ({
    ...column,
    text: textOf(valueAt(profile.attributes as JsonObject, column.names)),
  }));
  const empty = rows.filter((row) => row.text === "").length;
  const shown = showsEmpty ? rows : rows.filter((row) => row.text !== "");
  return (
    <>
      <p className={css.quiet}>{words.lead}</p>
      <div className={css.row}>
        <MaskAll masks={masks} />
        {empty > 0 && (
          <Switch isSelected={showsEmpty} onChange={setShowsEmpty}>
            {words.empty(empty)}
          </Switch>
        )}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className={css.scroll} aria-label={words.title} tabIndex={0}>
        <table className={`${css.grid} ${css.gridWide}`}>
          <thead>
            <tr>
              <th scope="col">{words.field}</th>
              <th scope="col">{words.value}</th>
              <th scope="col">{words.labels}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map(({ path, text, labels }) => (
              <tr key={path}>
                <th scope="row">{path}</th>
                <td>
                  <span className={css.headCell}>
                    {text === "" ? NONE : masks.hides(path) ? <Masked /> : <span className={css.text}>{text}</span>}
                    {text !== "" && <MaskToggle masks={masks} name={path} />}
                  </span>
                </td>
                <td>
                  <LabelChips labels={labels.map((name) => ({ name }))} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  );
}
