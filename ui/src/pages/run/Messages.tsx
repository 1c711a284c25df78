// What an hour of a stream sent, and what the messages were about.

import { formatBytes, formatCount } from "../../parts/format";
import css from "../../parts/page.module.css";
import { Section } from "../../parts/Section";
import { runs as room } from "../../strings/en/runs";

const words = room.messages;
const SHOWN = [
  "messages",
  "accepted",
  "refused",
  "oversize",
  "bytes",
  "entered",
  "left",
  "attributes",
  "identities",
  "rewrites",
  "resent",
];

export function Messages({ counts }: { counts: Record<string, number> }) {
  return (
    <Section title={words.title ?? ""}>
      <dl className={css.numbers}>
        {SHOWN.filter((name) => counts[name] !== undefined).map((name) => (
          <div key={name}>
            <dt>{words[name]}</dt>
            <dd>{name === "bytes" ? formatBytes(counts[name] ?? 0) : formatCount(counts[name] ?? 0)}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}
