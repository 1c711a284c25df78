// A policy of the organisation: what it denies, as a tree and as text.

import { Checkbox, CheckboxGroup, TextField } from "@react-spectrum/s2";
import { style } from "@react-spectrum/s2/style" with { type: "macro" };
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { GovernancePolicy, LabelExpression, PolicyStatus } from "../../api/dataShapes";
import { createPolicy, labelsQuery, marketingActionsQuery, putPolicy } from "../../api/governance";
import { keyOfRef } from "../../parts/actionNames";
import { FormDialog } from "../../parts/FormDialog";
import { NameFields } from "../../parts/formFields";
import { missing } from "../../parts/GoOn";
import css from "../../parts/page.module.css";
import { showDone } from "../../parts/toast";
import { t } from "../../strings/en";
import { policies as words } from "../../strings/en/policies";
import { ExpressionProblem, parseExpression, printExpression, simplified } from "./expression";
import { LabelPicker } from "./LabelPicker";
import { OperandsBuilder } from "./OperandsBuilder";
import { StatusPicker } from "./StatusPicker";

const full = style({ width: "full" });

export function PolicyDialog({ policy, onClose }: { policy?: GovernancePolicy; onClose: () => void }) {
  const queries = useQueryClient();
  const labels = useQuery(labelsQuery);
  const actions = useQuery(marketingActionsQuery);
  const [about, setAbout] = useState({ name: policy?.name ?? "", description: policy?.description ?? "" });
  const { name, description } = about;
  const [status, setStatus] = useState<PolicyStatus>(policy?.status ?? "DRAFT");
  const [chosen, setChosen] = useState<string[]>(policy?.marketingActionRefs.map(keyOfRef) ?? []);
  const [tree, setTree] = useState<LabelExpression>(policy?.deny ?? { operator: "OR", operands: [{ label: "" }] });
  const [text, setText] = useState(policy ? printExpression(policy.deny) : "");
  const [wrong, setWrong] = useState<ExpressionProblem>();

  const whole = wrong ? undefined : simplified(tree, ({ label }) => label !== "");
  const refs = (actions.data ?? [])
    .filter((action) => chosen.includes(keyOfRef(action.ref)))
    .map((action) => action.ref);
  const changeTree = (next: LabelExpression) => {
    setTree(next);
    const left = simplified(next, ({ label }) => label !== "");
    setText(left ? printExpression(left) : "");
    setWrong(undefined);
  };
  const changeText = (next: string) => {
    setText(next);
    try {
      setTree(parseExpression(next));
      setWrong(undefined);
    } catch (error) {
      if (!(error instanceof ExpressionProblem)) throw error;
      setWrong(error);
    }
  };
  const note = missing([
    ...(name.trim() === "" ? [words.name] : []),
    ...(whole === undefined ? [words.policy.deny] : []),
    ...(refs.length === 0 ? [words.policy.actions] : []),
  ]);
  return (
    <FormDialog
      title={policy ? words.policy.editTitle : words.policy.create}
      submitLabel={t.save}
      size="XL"
      isDisabled={note !== undefined}
      note={note}
      onClose={onClose}
      onReload={policy && (() => queries.invalidateQueries({ queryKey: ["policies"] }))}
      onSubmit={async (onViolation) => {
        const body = { name, description, status, marketingActionRefs: refs, deny: whole as LabelExpression };
        const answered = await (policy ? putPolicy(policy, body, onViolation) : createPolicy(body, onViolation));
        showDone(words.saved(name));
        await queries.invalidateQueries({ queryKey: ["policies"] });
        return answered;
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
          <section className={css.form} aria-label={words.policy.deny}>
            <strong>{words.policy.deny}</strong>
            {!wrong && (
              <OperandsBuilder
                join={words.expression.join}
                addLabel={words.expression.add}
                value={tree}
                onChange={changeTree}
                newLeaf={() => ({ label: "" })}
                leaf={({ label }, onLeaf) => (
                  <LabelPicker labels={labels.data ?? []} value={label} onChange={(next) => onLeaf({ label: next })} />
                )}
              />
            )}
            <TextField
              label={words.policy.text}
              description={words.policy.textHelp}
              value={text}
              onChange={changeText}
              isInvalid={wrong !== undefined || problem?.field("/deny") !== undefined}
              errorMessage={
                wrong
                  ? words.policy.noExpression(words.expression.errors[wrong.code], wrong.at + 1)
                  : problem?.field("/deny")
              }
              styles={full}
            />
          </section>
          <CheckboxGroup
            label={words.policy.actions}
            description={words.policy.actionsHelp}
            isRequired
            value={chosen}
            onChange={setChosen}
          >
            {(actions.data ?? []).map((action) => (
              <Checkbox key={action.ref} value={keyOfRef(action.ref)}>
                {action.friendlyName ?? action.name}
              </Checkbox>
            ))}
          </CheckboxGroup>
        </>
      )}
    </FormDialog>
  );
}
