// A look at files that are to be attached: asked for by a button, shown with what can be picked of it.

import { Button } from "@react-spectrum/s2";
import type { Inspection } from "../../api/dataShapes";
import { ErrorState } from "../../parts/ErrorState";
import { formatBytes } from "../../parts/format";
import css from "../../parts/page.module.css";
import { datasets as room } from "../../strings/en/datasets";
import { AttachFound } from "./AttachFound";
import { type Draft, hasFiles } from "./datasetDraft";
import own from "./datasets.module.css";
import type { Looking } from "./useLook";

const words = room.look;

type Props = { draft: Draft; looking: Looking; onChange: (part: Partial<Draft>) => void };

export function AttachFiles({ draft, looking, onChange }: Props) {
  const { found, problem, isBusy, look } = looking;
  return (
    <section className={own.look} aria-label={words.title}>
      <div className={css.row}>
        <Button
          variant="secondary"
          size="S"
          isPending={isBusy}
          isDisabled={!hasFiles(draft)}
          onPress={() => look(draft)}
        >
          {words.look}
        </Button>
        <span className={css.quiet} role="status">
          {isBusy ? words.busy : found ? summary(found) : hasFiles(draft) ? words.lead : words.needsFiles}
        </span>
      </div>
      {problem && problem.field("/source/urls") === undefined && <ErrorState error={problem} wanted={words.look} />}
      {found && <AttachFound found={found} draft={draft} onChange={onChange} />}
    </section>
  );
}

function summary({ files, bytes, lookedInto }: Inspection): string {
  const all = words.files(files, formatBytes(bytes));
  return lookedInto.bytes < bytes ? `${all} ${words.part(lookedInto.files, formatBytes(lookedInto.bytes))}` : all;
}
