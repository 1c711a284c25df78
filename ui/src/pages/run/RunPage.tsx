// A run: how far it is, what it delivered, why it failed, and what can be done about it.

import { Button, Content, Heading, InlineAlert } from "@react-spectrum/s2";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { Problem } from "../../api/problem";
import { POLL_MILLIS } from "../../api/queries";
import { actOnRun, runQuery } from "../../api/runs";
import type { Run } from "../../api/shapes";
import { Anchor } from "../../parts/Anchor";
import { ConfirmDialog } from "../../parts/ConfirmDialog";
import { sentence } from "../../parts/format";
import { Loaded } from "../../parts/Loaded";
import { Markdown } from "../../parts/Markdown";
import { PageHead } from "../../parts/PageHead";
import css from "../../parts/page.module.css";
import { showDone, showLeftToDo, showProblem } from "../../parts/toast";
import { WriteOnly } from "../../parts/WriteOnly";
import { paths } from "../../paths";
import { destinations as destinationsWords } from "../../strings/en/destinations";
import { runs as words } from "../../strings/en/runs";
import { RunLight } from "../destinations/states";
import { Attempts } from "./Attempts";
import { Balance } from "./Balance";
import { FaultPanel } from "./FaultPanel";
import { isLive } from "./live";
import { Messages } from "./Messages";
import { ProgressPanel } from "./ProgressPanel";
import { RunFacts } from "./RunFacts";
import { RunFiles } from "./RunFiles";
import own from "./run.module.css";
import { useProgress } from "./useProgress";

export function RunPage() {
  const { id = "" } = useParams({ strict: false }) as { id?: string };
  const query = useQuery({
    ...runQuery(id),
    refetchInterval: ({ state }) => (isOpen(state.data) ? POLL_MILLIS : false),
  });
  return <Loaded query={query}>{(run) => <RunDetails run={run} />}</Loaded>;
}

/** Whether something about it will still change: it goes on, or its files are being read back. */
function isOpen(run: Run | undefined): boolean {
  const verification = run?.verification?.state;
  return run !== undefined && (isLive(run) || verification === "queued" || verification === "processing");
}

function RunDetails({ run }: { run: Run }) {
  const queries = useQueryClient();
  const renew = () => queries.invalidateQueries({ queryKey: ["runs"] });
  const isWindow = run.kind === "window";
  const { progress, isLost } = useProgress(run.id, isLive(run) && !isWindow, () => void renew());
  return (
    <>
      <div className={own.head}>
        <PageHead title={words.title} trail={<Trail run={run} />}>
          <RunLight state={run.state} kind={run.kind} />
          {!isWindow && (
            <WriteOnly>
              <RunActions run={run} onDone={renew} />
            </WriteOnly>
          )}
        </PageHead>
      </div>
      <div className={css.split}>
        <div className={css.page}>
          {isLive(run) && !isWindow && <ProgressPanel run={run} progress={progress} isLost={isLost} />}
          {run.error && run.state !== "success" && (
            <FaultPanel
              fault={run.error}
              title={run.state === "failed" ? words.error.title : words.error.lastTitle}
              isOver={!isLive(run)}
            />
          )}
          {run.advice && run.advice.length > 0 && <Advice advice={run.advice} />}
          {run.counts && <Messages counts={run.counts} />}
          {!isWindow && <Balance run={run} />}
          {/* What goes to a stream is counted as messages, and has no files. */}
          {!isWindow && !run.counts && <RunFiles run={run} onDone={renew} />}
          <Attempts run={run} />
        </div>
        <aside className={css.aside} aria-label={words.facts.label}>
          <RunFacts run={run} />
        </aside>
      </div>
    </>
  );
}

function Trail({ run }: { run: Run }) {
  return (
    <>
      <Anchor to={paths.browse()}>{destinationsWords.title}</Anchor>
      <span aria-hidden>/</span>
      <Anchor to={paths.flow(run.flowId)}>{run.flowName ?? run.flowId}</Anchor>
      <span aria-hidden>/</span>
      <span>{words.trail}</span>
    </>
  );
}

function Advice({ advice }: { advice: string[] }) {
  return (
    <InlineAlert variant="informative">
      <Heading level={2}>{words.advice}</Heading>
      <Content>
        {advice.map((line) => (
          <Markdown key={line} text={sentence(line)} />
        ))}
      </Content>
    </InlineAlert>
  );
}

/** Whether a later run has delivered what is newer. */
function isOvertaken(error: unknown): boolean {
  const { status, message } = Problem.from(error);
  return status === 409 && message.includes("has delivered what is newer");
}

function RunActions({ run, onDone }: { run: Run; onDone: () => Promise<unknown> }) {
  const [isAsking, setAsking] = useState(false);
  const retry = async () => {
    try {
      await actOnRun(run, "retry");
      showDone(words.actions.retried);
    } catch (error) {
      // The one thing of which the server can say no more than an id.
      if (isOvertaken(error)) showLeftToDo(words.actions.overtaken);
      else showProblem(error, words.actions.retry);
    }
    await onDone();
  };
  return (
    <>
      {isLive(run) && (
        <Button variant="negative" size="S" onPress={() => setAsking(true)}>
          {words.actions.cancel}
        </Button>
      )}
      {(run.state === "failed" || run.state === "cancelled") && (
        <Button variant="accent" size="S" onPress={() => void retry()}>
          {words.actions.retry}
        </Button>
      )}
      {isAsking && (
        <ConfirmDialog
          title={words.actions.cancelTitle}
          confirmLabel={words.actions.cancel}
          closeLabel={words.actions.keep}
          isDestructive
          onClose={() => setAsking(false)}
          onConfirm={async () => {
            await actOnRun(run, "cancel");
            showDone(words.actions.cancelled);
            await onDone();
          }}
        >
          {words.actions.cancelText}
        </ConfirmDialog>
      )}
    </>
  );
}
