// What server this is, and how it is.

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { sessionQuery } from "../../api/session";
import { healthQuery } from "../../api/settings";
import { Loaded } from "../../parts/Loaded";
import css from "../../parts/page.module.css";
import { Facts } from "../../parts/Rail";
import { Section } from "../../parts/Section";
import { State, Time } from "../../parts/values";
import { t } from "../../strings/en";
import { settings as room } from "../../strings/en/settings";
import { sandboxText, scopeText } from "./scopes";

const words = room.about;

export function AboutPage() {
  const session = useQuery(sessionQuery);
  const health = useQuery(healthQuery);
  const light = (problem: string | undefined, ok: string): ReactNode => (
    <State variant={problem === undefined ? "positive" : "negative"}>{problem ?? ok}</State>
  );
  return (
    <div className={css.page}>
      <Loaded query={session}>
        {({ version, clientId, name, scopes, sandboxes, expiresAt }) => (
          <Section title={`${t.product} ${version}`}>
            <Facts
              isRow
              facts={[
                [words.version, version],
                [words.signedInAs, name && name !== clientId ? `${name} (${clientId})` : clientId],
                [words.scopes, scopeText(scopes)],
                [words.sandboxes, sandboxText(sandboxes)],
                [words.expires, <Time key="expires" at={expiresAt} />],
              ]}
            />
          </Section>
        )}
      </Loaded>
      <Section title={words.health}>
        <Loaded query={health} lines={2}>
          {({ live, ready }) => (
            <Facts
              isRow
              facts={[
                [words.live, light(live, words.ok)],
                [words.ready, light(ready, words.isReady)],
              ]}
            />
          )}
        </Loaded>
      </Section>
      <Section title={words.documents}>
        <ul className={css.lines}>
          <li>
            <a href="/metrics" target="_blank" rel="noreferrer">
              {words.metrics}
            </a>
          </li>
          <li>
            <a href="/openapi.json" target="_blank" rel="noreferrer">
              {words.openapi}
            </a>
          </li>
        </ul>
      </Section>
    </div>
  );
}
