// By what a profile is known. All of it identifies somebody, and is hidden at first.

import type { FoundProfile } from "../../api/people";
import css from "../../parts/page.module.css";
import { Section } from "../../parts/Section";
import { profiles as room } from "../../strings/en/profiles";
import { MaskAll, Masked, MaskToggle, useMasks } from "../datasets/masks";

const words = room.identities;

export function Identities({ profile }: { profile: FoundProfile }) {
  const { identityMap } = profile;
  const rows = new Map([[words.primary, profile.id]]);
  for (const namespace of Object.keys(identityMap).sort())
    rows.set(namespace, identityMap[namespace]?.map(({ id }) => id).join(", ") ?? "");
  const masks = useMasks([...rows.keys()]);
  return (
    <Section title={words.title}>
      <MaskAll masks={masks} />
      <div className={css.scroll}>
        <table className={`${css.grid} ${css.gridWide}`}>
          <thead>
            <tr>
              <th scope="col">{words.namespace}</th>
              <th scope="col">{words.value}</th>
            </tr>
          </thead>
          <tbody>
            {[...rows].map(([namespace, text]) => (
              <tr key={namespace}>
                <th scope="row">{namespace}</th>
                <td>
                  <span className={css.headCell}>
                    {masks.hides(namespace) ? <Masked /> : <span className={css.text}>{text}</span>}
                    <MaskToggle masks={masks} name={namespace} />
                  </span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}
