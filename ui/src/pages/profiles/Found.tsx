// What is known of one person: the profile, whether it is to be exported, and where its data went.

import type { ReactNode } from "react";
import type { FoundPerson } from "../../api/people";
import css from "../../parts/page.module.css";
import { Facts } from "../../parts/Rail";
import { Section } from "../../parts/Section";
import { Count, Time } from "../../parts/values";
import { profiles as words } from "../../strings/en/profiles";
import { MaskAll, Masked, useMasks } from "../datasets/masks";
import { Attributes } from "./Attributes";
import { Departures } from "./Departures";
import { Identities } from "./Identities";
import { Memberships } from "./Memberships";
import { Suppression } from "./Suppression";

/** `turn` tells one search from the next: the person is in no key of the cache. */
export function Found({ found, turn, onChanged }: { found: FoundPerson; turn: number; onChanged: () => void }) {
  const { profile, snapshot, profileIds } = found;
  const facts: [string, ReactNode][] = [];
  if (profile?.recordedAt) facts.push([words.recordedAt, <Time key="recorded" at={profile.recordedAt} />]);
  if (snapshot) {
    facts.push([words.snapshotAt, <Time key="snapshot" at={snapshot.createdAt} />]);
    facts.push([words.snapshotProfiles, <Count key="profiles" value={snapshot.profiles} />]);
  }
  return (
    <>
      <Section title={words.found(found.profilesTotal)}>
        {!profile && <p className={css.quiet}>{snapshot ? words.notFoundText : words.noSnapshot}</p>}
        {facts.length > 0 && <Facts facts={facts} isRow />}
        {profileIds.length > 1 && <Several ids={profileIds} />}
      </Section>
      <Suppression found={found} onChanged={onChanged} />
      {profile && (
        <>
          <Attributes profile={profile} />
          <Identities profile={profile} />
          <Memberships profile={profile} />
        </>
      )}
      <Departures person={found.identity} turn={turn} />
    </>
  );
}

function Several({ ids }: { ids: string[] }) {
  const masks = useMasks(["ids"]);
  return (
    <>
      <p className={css.quiet}>{words.severalText}</p>
      <MaskAll masks={masks} />
      <ul className={css.plain}>
        {ids.map((id) => (
          <li key={id}>{masks.hides("ids") ? <Masked /> : <code>{id}</code>}</li>
        ))}
      </ul>
    </>
  );
}
