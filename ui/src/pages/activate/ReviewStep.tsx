// All of it once more, judged by policies, before it is saved.

import { Button, Content, Heading, InlineAlert } from "@react-spectrum/s2";
import type { UseQueryResult } from "@tanstack/react-query";
import type { PolicyCheck, Warning } from "../../api/policyCheck";
import { Problem } from "../../api/problem";
import type { Flow, Target } from "../../api/shapes";
import { Anchor } from "../../parts/Anchor";
import { ErrorState } from "../../parts/ErrorState";
import { sentence } from "../../parts/format";
import { IntoView } from "../../parts/IntoView";
import { PageLoading } from "../../parts/PageLoading";
import css from "../../parts/wizard.module.css";
import { paths } from "../../paths";
import { activate as room } from "../../strings/en/activate";
import { Consent } from "./Consent";
import type { ActivateDraft, DraftSegment } from "./draft";
import { PreviewRows } from "./PreviewRows";
import { ReviewSummary } from "./ReviewSummary";
import { Violations } from "./Violations";

const words = room.review;

type Props = {
  /** As it would be saved. */
  flow: Flow;
  target: Target;
  before: ActivateDraft;
  draft: ActivateDraft;
  onChange: (draft: ActivateDraft) => void;
  isBatch: boolean;
  check: UseQueryResult<PolicyCheck>;
  saving?: Problem;
  /** What a segment's next file will be called. */
  fileOf: (segment: DraftSegment) => string;
};

export function ReviewStep({ flow, target, before, draft, onChange, isBatch, check, saving, fileOf }: Props) {
  const references = [...new Set([...draft.actions, ...(target.policy?.enforcementRefs ?? [])])];
  return (
    <div className={css.stack}>
      <p className={css.quiet}>{words.lead}</p>
      {flow.state !== "enabled" && (
        <InlineAlert variant="notice">
          <Heading>{words.off}</Heading>
          <Content>{words.offText}</Content>
        </InlineAlert>
      )}
      {saving && (
        <IntoView of={saving}>
          <ErrorState error={saving} wanted={words.finish} />
        </IntoView>
      )}
      <div className={css.stack} aria-live="polite">
        {check.isFetching && !check.data && (
          <>
            <p>{words.checking}</p>
            <PageLoading lines={3} />
          </>
        )}
        {check.isError && <CheckFailed flowId={flow.id} error={check.error} onRetry={() => void check.refetch()} />}
        {check.data?.allowed && (
          <InlineAlert variant="positive">
            <Heading>{words.allowed}</Heading>
            <Content>{words.allowedText}</Content>
          </InlineAlert>
        )}
        {check.data && !check.data.allowed && (
          <Violations
            violations={check.data.violations}
            total={check.data.violationsTotal ?? check.data.violations.length}
            draft={draft}
            onApply={onChange}
          >
            <Button variant="secondary" size="S" isPending={check.isFetching} onPress={() => void check.refetch()}>
              {words.checkAgain}
            </Button>
          </Violations>
        )}
        {(check.data?.warnings ?? []).length > 0 && <Warnings warnings={check.data?.warnings ?? []} />}
      </div>
      {check.data && <Consent flow={flow} segments={draft.segments} consent={check.data.consent} />}
      {check.data?.allowed && <PreviewRows flow={flow} draft={draft} />}
      <ReviewSummary
        flowId={flow.id}
        before={before}
        draft={draft}
        isBatch={isBatch}
        fileOf={fileOf}
        references={references}
      />
    </div>
  );
}

function Warnings({ warnings }: { warnings: Warning[] }) {
  return (
    <InlineAlert variant="notice">
      <Heading>{words.warnings}</Heading>
      <Content>
        {[...new Set(warnings.map(({ message }) => message))].map((message) => (
          <p key={message}>{sentence(message)}</p>
        ))}
      </Content>
    </InlineAlert>
  );
}

/** What the server would not save, with the way to the step where it is mended. */
function CheckFailed({ flowId, error, onRetry }: { flowId: string; error: unknown; onRetry: () => void }) {
  const problem = Problem.from(error);
  const steps = new Map(problem.fields.map((field) => stepOf(field.field)).map((step) => [step, step]));
  steps.delete("");
  return (
    <div className={css.stack}>
      <ErrorState error={problem} wanted={problem.fields.length > 0 ? words.wrong : words.check} onRetry={onRetry} />
      <div className={css.bar}>
        {[...steps.keys()].map((step) => (
          <Anchor key={step} to={paths.activate(flowId, { step })}>
            {words.goTo(room.steps[step as keyof typeof room.steps])}
          </Anchor>
        ))}
      </div>
    </div>
  );
}

function stepOf(field: string): string {
  if (/segmentSelectors.*(schedule|exportMode|filenameTemplate)/.test(field)) return "schedule";
  if (field.includes("segmentSelectors")) return "segments";
  if (/profileSelectors|mandatoryFields|primaryFields/.test(field)) return "mapping";
  return field.includes("/streaming") ? "triggers" : "";
}
