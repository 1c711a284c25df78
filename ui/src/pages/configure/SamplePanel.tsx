// What a delivery will look like, following what is being chosen.

import type { Spec } from "../../api/shapes";
import { Facts } from "../../parts/Rail";
import css from "../../parts/wizard.module.css";
import { configure as room } from "../../strings/en/configure";
import type { ConfigureDraft } from "./draft";
import { sampleFacts, sampleFile, sampleMessage } from "./sample";

const words = room.sample;

export function SamplePanel({ spec, draft, isEncrypted }: { spec: Spec; draft: ConfigureDraft; isEncrypted: boolean }) {
  if (!spec.attributes.isBatch) {
    return (
      <div className={css.panel}>
        <h3>{words.title}</h3>
        <strong>{words.message}</strong>
        <pre>{sampleMessage(draft.target, words.segment)}</pre>
      </div>
    );
  }
  const sample = sampleFile(draft.files, draft.target, sampleFacts(draft.name, words.segment, new Date()), isEncrypted);
  const isPacked = draft.files.compression !== "NONE" || isEncrypted;
  return (
    <div className={css.panel}>
      <h3>{words.title}</h3>
      <Facts
        facts={[
          [words.folder, <code key="folder">{sample.folder || "/"}</code>],
          [words.file, <code key="file">{sample.name}</code>],
        ]}
      />
      <strong>{words.content}</strong>
      {draft.files.fileType === "PARQUET" && <p className={css.quiet}>{words.parquet}</p>}
      <section aria-label={words.content}>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
        <pre tabIndex={0}>{sample.lines.join("\n")}</pre>
      </section>
      <p className={css.quiet}>
        {words.legend} {isPacked && words.compressed}
      </p>
    </div>
  );
}
