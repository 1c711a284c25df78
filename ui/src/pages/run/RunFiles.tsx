// The files of a run with their checksums, and reading them back.

import { Button, Content, Heading, InlineAlert } from "@react-spectrum/s2";
import { useMutation } from "@tanstack/react-query";
import { verifyRun } from "../../api/runs";
import type { Run, RunFile, Verification } from "../../api/shapes";
import { CopyBlock } from "../../parts/CopyBlock";
import { type Column, DataTable } from "../../parts/DataTable";
import css from "../../parts/page.module.css";
import { Section } from "../../parts/Section";
import { showDone, showProblem } from "../../parts/toast";
import { Bytes, Count, State, Time } from "../../parts/values";
import { WriteOnly } from "../../parts/WriteOnly";
import { runs as room } from "../../strings/en/runs";
import { FaultPanel } from "./FaultPanel";
import own from "./run.module.css";

const words = room.files;

export function RunFiles({ run, onDone }: { run: Run; onDone: () => Promise<unknown> }) {
  const files = run.files ?? [];
  const { mutate, isPending } = useMutation({
    mutationFn: () => verifyRun(run.id),
    onSuccess: () => showDone(words.started),
    onError: (error) => showProblem(error, words.verify),
    onSettled: onDone,
  });
  if (run.state !== "success") return null;
  const state = run.verification?.state;
  return (
    <Section
      title={words.title}
      tools={
        files.length > 0 && (
          <WriteOnly>
            <Button
              size="S"
              variant="secondary"
              isPending={isPending || state === "queued" || state === "processing"}
              onPress={() => mutate()}
            >
              {words.verify}
            </Button>
          </WriteOnly>
        )
      }
    >
      {files.length === 0 ? (
        <p className={css.quiet}>{words.empty}</p>
      ) : (
        <>
          <p className={css.quiet}>{words.verifyText}</p>
          {run.verification && <Verified verification={run.verification} />}
          <DataTable isFit label={words.title} columns={COLUMNS} rows={files} rowKey={(file) => file.url} />
        </>
      )}
    </Section>
  );
}

function Verified({ verification }: { verification: Verification }) {
  const { state, endedAt, error } = verification;
  const files = verification.files ?? [];
  if (state === "queued" || state === "processing") return <p role="status">{words.verifying}</p>;
  if (state === "success") {
    return (
      <div className={own.verified}>
        <State variant="positive">{words.verified(files.length)}</State>
        <Time at={endedAt} seconds />
      </div>
    );
  }
  if (error) return <FaultPanel fault={error} title={words.failed} />;
  return (
    <InlineAlert variant="negative">
      <Heading level={2}>{words.failed}</Heading>
      <Content>
        {files
          .filter((file) => !file.matches)
          .map((file) => (
            <p key={file.name} className={css.text}>
              {file.name}: {file.problem}
            </p>
          ))}
        {words.at} <Time at={endedAt} seconds />
      </Content>
    </InlineAlert>
  );
}

const COLUMNS: Column<RunFile>[] = [
  { id: "name", label: words.name, minWidth: 280, cell: (file) => <CopyBlock text={file.name} label={words.name} /> },
  { id: "rows", label: words.rows, width: 96, align: "end", cell: (file) => <Count value={file.rows} /> },
  { id: "bytes", label: words.bytes, width: 110, align: "end", cell: (file) => <Bytes value={file.bytes} /> },
  {
    id: "sha256",
    label: words.sha256,
    width: 176,
    cell: (file) => <CopyBlock text={file.sha256} label={words.sha256} />,
  },
];
