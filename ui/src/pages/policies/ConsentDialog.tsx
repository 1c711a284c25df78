// A consent policy: where it applies, and what a profile must say there.

import { Button } from "@react-spectrum/s2";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { ConsentAgreement, ConsentCondition, ConsentPolicy, PolicyStatus } from "../../api/dataShapes";
import { ask } from "../../api/definitions";
import { createConsentPolicy, labelsQuery, marketingActionsQuery, putConsentPolicy } from "../../api/governance";
import { ErrorState } from "../../parts/ErrorState";
import { FormDialog } from "../../parts/FormDialog";
import { NameFields } from "../../parts/formFields";
import { missing } from "../../parts/GoOn";
import css from "../../parts/page.module.css";
import { showDone } from "../../parts/toast";
import { t } from "../../strings/en";
import { policies as words } from "../../strings/en/policies";
import { AgreementLeaf, ConditionLeaf } from "./ConsentLeaves";
import { agreementRule } from "./consent";
import { simplified } from "./expression";
import { OperandsBuilder } from "./OperandsBuilder";
import { StatusPicker } from "./StatusPicker";

export function ConsentDialog({ policy, onClose }: { policy?: ConsentPolicy; onClose: () => void }) {
  const queries = useQueryClient();
  const labels = useQuery(labelsQuery);
  const actions = useQuery(marketingActionsQuery);
  const [about, setAbout] = useState({ name: policy?.name ?? "", description: policy?.description ?? "" });
  const { name, description } = about;
  const [status, setStatus] = useState<PolicyStatus>(policy?.status ?? "DISABLED");
  const [applies, setApplies] = useState<ConsentCondition>(
    policy?.if ?? { operator: "OR", operands: [{ marketingActionRef: "" }] },
  );
  const [then, setThen] = useState<ConsentAgreement>(
    policy?.then ?? { operator: "AND", operands: [{ path: "", values: [] }] },
  );
  const wholeIf = simplified(applies, (leaf) => ("label" in leaf ? leaf.label : leaf.marketingActionRef) !== "");
  const wholeThen = simplified(then, ({ path, values }) => path !== "" && values.length > 0);
  const note = missing([
    ...(name.trim() === "" ? [words.name] : []),
    ...(wholeIf === undefined ? [words.consent.ifTitle] : []),
    ...(wholeThen === undefined ? [words.consent.thenTitle] : []),
  ]);
  const estimate = useMutation({ mutationFn: (rule: string) => ask(rule, "pql/text") });
  return (
    <FormDialog
      title={policy ? words.consent.editTitle : words.consent.create}
      submitLabel={t.save}
      size="XL"
      isDisabled={note !== undefined}
      note={note}
      onClose={onClose}
      onReload={policy && (() => queries.invalidateQueries({ queryKey: ["consent-policies"] }))}
      onSubmit={async () => {
        const body = {
          name,
          description,
          status,
          if: wholeIf as ConsentCondition,
          // biome-ignore lint/suspicious/noThenProperty: that is its name in the API, and it is no function
          then: wholeThen as ConsentAgreement,
        };
        await (policy ? putConsentPolicy(policy, body) : createConsentPolicy(body));
        showDone(words.saved(name));
        await queries.invalidateQueries({ queryKey: ["consent-policies"] });
      }}
    >
      {(problem) => (
        <>
          <NameFields
            labels={words}
            autoFocus
            value={about}
            onChange={(part) => setAbout({ ...about, ...part })}
            problem={problem}
          />
          <StatusPicker value={status} onChange={setStatus} />
          <section className={css.form} aria-label={words.consent.ifTitle}>
            <strong>{words.consent.ifTitle}</strong>
            <OperandsBuilder
              join={words.consent.ifJoin}
              addLabel={words.consent.addCondition}
              value={applies}
              onChange={setApplies}
              newLeaf={() => ({ marketingActionRef: "" })}
              leaf={(leaf, onLeaf) => (
                <ConditionLeaf leaf={leaf} labels={labels.data ?? []} actions={actions.data ?? []} onChange={onLeaf} />
              )}
            />
          </section>
          <section className={css.form} aria-label={words.consent.thenTitle}>
            <strong>{words.consent.thenTitle}</strong>
            <OperandsBuilder
              join={words.consent.thenJoin}
              addLabel={words.consent.addCondition}
              value={then}
              onChange={setThen}
              newLeaf={() => ({ path: "", values: [] })}
              leaf={(leaf, onLeaf) => <AgreementLeaf leaf={leaf} onChange={onLeaf} />}
            />
            <div className={css.row}>
              <Button
                variant="secondary"
                size="S"
                isDisabled={wholeThen === undefined}
                isPending={estimate.isPending}
                onPress={() => wholeThen && estimate.mutate(agreementRule(wholeThen))}
              >
                {words.consent.estimate}
              </Button>
              {estimate.data && (
                <span role="status">
                  {words.consent.estimated(
                    estimate.data.estimate.estimatedSize,
                    estimate.data.estimate.totalRows,
                    percentOf(estimate.data.estimate),
                  )}
                </span>
              )}
            </div>
            {estimate.error && <ErrorState error={estimate.error} wanted={words.consent.estimate} />}
          </section>
        </>
      )}
    </FormDialog>
  );
}

function percentOf({ estimatedSize, totalRows }: { estimatedSize: number; totalRows: number }): string {
  return totalRows === 0 ? "0" : ((100 * estimatedSize) / totalRows).toFixed(1);
}
