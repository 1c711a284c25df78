// Destinations where somebody should look, and why.

import type { Flow } from "../../api/shapes";
import { Anchor } from "../../parts/Anchor";
import css from "../../parts/page.module.css";
import { Section } from "../../parts/Section";
import { State } from "../../parts/values";
import { paths } from "../../paths";
import { destinations as room } from "../../strings/en/destinations";
import { flowState } from "./states";
import type { Destination } from "./workspace";

const words = room.overview;

export function Attention({ destinations }: { destinations: Destination[] }) {
  const found = destinations.flatMap(({ flow }) => concerns(flow).map((concern) => ({ flow, ...concern })));
  return (
    <Section title={words.attention}>
      {found.length === 0 ? (
        <p className={css.quiet}>{words.allWell}</p>
      ) : (
        <ul className={css.lines}>
          {found.map(({ flow, text, to, variant }) => (
            <li key={flow.id + text}>
              <State variant={variant}>{flow.name}</State>
              <Anchor to={to}>{text}</Anchor>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

type Concern = { text: string; to: string; variant: "negative" | "notice" };

function concerns(flow: Flow): Concern[] {
  const found: Concern[] = [];
  const state = flowState(flow);
  const letters = flow.streamStatus?.letters ?? 0;
  if (flow.lastRunDetails?.state === "failed") {
    found.push({ text: words.failedRun, to: paths.run(flow.lastRunDetails.id), variant: "negative" });
  }
  if (state === "blocked") found.push({ text: words.blocked, to: paths.flow(flow.id), variant: "negative" });
  if (state === "paused") found.push({ text: words.paused, to: paths.flow(flow.id), variant: "notice" });
  if (letters > 0)
    found.push({ text: words.letters(letters), to: paths.flow(flow.id, { tab: "letters" }), variant: "notice" });
  return found;
}
