// The steps of the wizard, its buttons, and the draft that they share.

import { Button } from "@react-spectrum/s2";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useState } from "react";
import type { ProfileFields } from "../../api/dataShapes";
import { flowQuery, patchFlow } from "../../api/flows";
import { checkPolicies } from "../../api/policyCheck";
import { isConflict, Problem } from "../../api/problem";
import { sessionQuery } from "../../api/session";
import type { Flow, Spec, Target } from "../../api/shapes";
import { Anchor } from "../../parts/Anchor";
import { ConflictNotice } from "../../parts/ConflictNotice";
import { DraftNotice } from "../../parts/DraftNotice";
import { GoOn } from "../../parts/GoOn";
import { LeaveGuard } from "../../parts/LeaveGuard";
import { showDone, showLeftToDo } from "../../parts/toast";
import { useDraft } from "../../parts/useDraft";
import { useSearch } from "../../parts/useSearch";
import { Wizard } from "../../parts/Wizard";
import { BASE, paths } from "../../paths";
import { chosenSandbox } from "../../shell/sandbox";
import { t } from "../../strings/en";
import { activate as words } from "../../strings/en/activate";
import { wizard as wizardWords } from "../../strings/en/wizard";
import { type ActivateDraft, draftOf, flowOf } from "./draft";
import { pathsOf } from "./fields";
import { fileNames } from "./fileNames";
import { MappingStep } from "./MappingStep";
import { PreviewRows } from "./PreviewRows";
import { ReviewStep } from "./ReviewStep";
import { ScheduleStep } from "./ScheduleStep";
import { SegmentsStep } from "./SegmentsStep";
import { blockOf, finishBlock, type StepId, stepsOf } from "./steps";
import { TriggersStep } from "./TriggersStep";
import { useAskedSegment } from "./useAskedSegment";
import { useFields } from "./useFields";

const asItIs = (draft: ActivateDraft) => draft;

type Props = { flow: Flow; target: Target; spec: Spec; schema: ProfileFields; isEncrypted: boolean };

export function Activate({ flow, target, spec, schema, isEncrypted }: Props) {
  const router = useRouter();
  const queries = useQueryClient();
  const [search, setSearch] = useSearch<"step" | "find">();
  const { data: session } = useQuery(sessionQuery);
  const isBatch = spec.attributes.isBatch === true;
  const isText = isBatch && (target.params.fileType ?? "CSV") === "CSV";
  const start = (from: Flow) => draftOf(from, isBatch, pathsOf(schema.fields), new Date());
  const draft = useDraft(`activate-${flow.id}`, () => start(flow), asItIs);
  useAskedSegment(draft.value, draft.change);
  const { fields, namespaces, known } = useFields(schema, isBatch, isText);
  const [isBusy, setBusy] = useState(false);
  const [saving, setSaving] = useState<Problem>();

  const steps = stepsOf(isBatch);
  const asked = steps.find((step) => step === search.step) ?? "segments";
  // What comes before must be done: an address cannot skip it.
  const step = steps.find((one) => one === asked || blockOf(one, draft.value) !== undefined) ?? asked;
  const at = steps.indexOf(step);
  const after = flowOf(flow, draft.value, isBatch);
  const check = useQuery({
    queryKey: ["policyCheck", flow.id, JSON.stringify(after.transformations), JSON.stringify(after.policy)],
    queryFn: () => checkPolicies(after as never),
    enabled: step === "review",
    staleTime: 0,
    retry: false,
  });
  const facts = {
    destinationName: flow.name,
    destinationId: flow.id,
    organization: flow.imsOrgId,
    sandbox: session ? chosenSandbox(session) : "",
  };
  const names = fileNames(facts, target.params, isEncrypted, new Date());
  const isStale = draft.isRestored && draft.value.etag !== flow.etag;
  const goTo = (to: StepId | undefined) => setSearch({ step: to, find: undefined }, { replace: false });
  const loadAnew = (from: Flow) => {
    setSaving(undefined);
    draft.reset(start(from));
  };
  const reload = async () => loadAnew(await queries.fetchQuery({ ...flowQuery(flow.id), staleTime: 0 }));

  const finish = async () => {
    setBusy(true);
    setSaving(undefined);
    try {
      await patchFlow({ id: flow.id, etag: draft.value.etag }, [
        { op: "add", path: "/transformations", value: after.transformations },
        ...(after.policy ? [{ op: "add", path: "/policy", value: after.policy }] : []),
      ]);
      draft.forget();
      await queries.invalidateQueries({ queryKey: ["flows"] });
      if (flow.state === "enabled") showDone(words.review.finished(flow.name));
      else showLeftToDo(words.review.finishedOff(flow.name));
      void router.navigate({ href: BASE + paths.browse({ selected: flow.id }) });
    } catch (error) {
      setSaving(Problem.from(error));
      // Somebody may have changed the flow, or the policies: both show what is so now.
      if (isConflict(error)) await queries.invalidateQueries({ queryKey: ["flows", flow.id] });
      else void check.refetch();
    } finally {
      setBusy(false);
    }
  };
  const conflict = isStale || isConflict(saving);
  const block = step === "review" ? finishBlock(check, conflict) : blockOf(step, draft.value);
  return (
    <Wizard
      title={words.title(flow.name)}
      trail={<Anchor to={paths.browse({ selected: flow.id })}>{words.trail}</Anchor>}
      stepsLabel={wizardWords.steps}
      steps={steps.map((id, index) => ({
        id,
        label: words.steps[id],
        ...(index < at && { to: paths.activate(flow.id, { step: id }) }),
      }))}
      current={step}
      start={
        <Button
          variant="secondary"
          fillStyle="outline"
          onPress={() => void router.navigate({ href: BASE + paths.browse({ selected: flow.id }) })}
        >
          {t.cancel}
        </Button>
      }
      end={
        <>
          {at > 0 && (
            <Button variant="secondary" onPress={() => goTo(steps[at - 1])}>
              {wizardWords.back}
            </Button>
          )}
          {step === "review" ? (
            <GoOn label={words.review.finish} block={block} isPending={isBusy} onPress={() => void finish()} />
          ) : (
            <GoOn label={wizardWords.next} block={block} onPress={() => goTo(steps[at + 1])} />
          )}
        </>
      }
    >
      <LeaveGuard isDirty={draft.isDirty} onDiscard={draft.forget} />
      {conflict ? (
        <ConflictNotice now={flow} changes={[words.conflict]} onLoad={() => void reload()} />
      ) : (
        draft.isRestored && <DraftNotice onAnew={() => loadAnew(flow)} />
      )}
      {step === "segments" && (
        <SegmentsStep chosen={draft.value.segments} onChange={(segments) => draft.change({ segments })} />
      )}
      {step === "schedule" && (
        <ScheduleStep
          segments={draft.value.segments}
          onChange={(segments) => draft.change({ segments })}
          names={names}
        />
      )}
      {step === "triggers" && <TriggersStep draft={draft.value} onChange={draft.change} />}
      {step === "mapping" && (
        <>
          <MappingStep
            draft={draft.value}
            onChange={draft.change}
            fields={fields}
            namespaces={namespaces}
            known={known}
            isBatch={isBatch}
          />
          <PreviewRows flow={after} draft={draft.value} />
        </>
      )}
      {step === "review" && (
        <ReviewStep
          flow={after}
          target={target}
          before={start(flow)}
          draft={draft.value}
          onChange={draft.change}
          isBatch={isBatch}
          check={check}
          fileOf={names.fileOf}
          saving={isConflict(saving) ? undefined : saving}
        />
      )}
    </Wizard>
  );
}
