// Name, description and rule of a segment, to be changed; what the rule selects can be asked before.

import { Button, Content, Heading, InlineAlert, TextField } from "@react-spectrum/s2";
import { style } from "@react-spectrum/s2/style" with { type: "macro" };
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Definition } from "../../api/dataShapes";
import type { OnViolation } from "../../api/datasets";
import { ask, definitionQuery, patchDefinition } from "../../api/definitions";
import { isConflict, Problem } from "../../api/problem";
import { ErrorState } from "../../parts/ErrorState";
import { faultAt } from "../../parts/formFields";
import css from "../../parts/page.module.css";
import { Section } from "../../parts/Section";
import { showDone } from "../../parts/toast";
import { useGuarded } from "../../parts/useGuarded";
import { violationsOf } from "../../parts/Violations";
import { NONE } from "../../parts/values";
import { WriteButton } from "../../parts/WriteOnly";
import { t } from "../../strings/en";
import { segments as words } from "../../strings/en/segments";
import { Estimate } from "./Estimate";
import { RuleEditor } from "./RuleEditor";
import { useRule } from "./useRule";

const full = style({ width: "full" });

export function RuleTab({ segment }: { segment: Definition }) {
  const queries = useQueryClient();
  // What is edited is what was read when editing began; its etag tells whether somebody else was faster.
  const [base, setBase] = useState(segment);
  const [name, setName] = useState(base.name);
  const [description, setDescription] = useState(base.description ?? "");
  const { format } = base.expression;
  const isSql = format === "sql/text";
  const rule = useRule(base.expression.value);
  const [isSaving, setSaving] = useState(false);
  const [error, setError] = useState<unknown>();
  const [newer, setNewer] = useState<Definition>();
  const [run, dialog] = useGuarded();
  const asked = useMutation({ mutationFn: async (text: string) => ({ ...(await ask(text, format)), rule: text }) });

  const load = (now: Definition) => {
    setBase(now);
    setName(now.name);
    setDescription(now.description ?? "");
    rule.setText(now.expression.value);
    setNewer(undefined);
    setError(undefined);
  };
  const isChanged =
    name !== base.name || description !== (base.description ?? "") || rule.text !== base.expression.value;
  const save = async () => {
    setSaving(true);
    setError(undefined);
    let saved: Definition | undefined;
    const write = async (onViolation: OnViolation) => {
      try {
        const value = rule.text;
        saved = await patchDefinition(
          base,
          { name, description, expression: { type: "PQL", format, value } },
          onViolation,
        );
        return saved;
      } catch (caught) {
        if (violationsOf(caught)) throw caught;
        if (isConflict(caught)) setNewer(await queries.fetchQuery({ ...definitionQuery(base.id), staleTime: 0 }));
        else setError(caught);
        return undefined;
      }
    };
    await run(t.save, write, async () => {
      if (saved === undefined) return;
      load(saved);
      showDone(words.saved(saved.name));
      await queries.invalidateQueries({ queryKey: ["segments"] });
    });
    setSaving(false);
  };
  const problem = error === undefined ? undefined : Problem.from(error);
  const isAtField = problem && problem.fields.length > 0 && problem.fields.every(({ field }) => isShown(field));
  return (
    <div className={css.page}>
      {newer && (
        <InlineAlert variant="notice">
          <Heading>{words.conflict(newer.updatedBy ?? "")}</Heading>
          <Content>
            <div className={css.plain}>
              {newer.name !== base.name && <span>{`${words.form.name}: ${newer.name}`}</span>}
              {(newer.description ?? "") !== (base.description ?? "") && (
                <span>{`${words.form.description}: ${newer.description || NONE}`}</span>
              )}
              {newer.expression.value !== base.expression.value && <code>{newer.expression.value}</code>}
              <Button variant="secondary" size="S" onPress={() => load(newer)}>
                {t.problem.loadAnew}
              </Button>
            </div>
          </Content>
        </InlineAlert>
      )}
      {problem && !isAtField && <ErrorState error={problem} wanted={t.save} />}
      <div className={css.columns}>
        <TextField
          label={words.form.name}
          isRequired
          value={name}
          onChange={setName}
          {...faultAt(problem, "/name")}
          styles={full}
        />
        <TextField label={words.form.description} value={description} onChange={setDescription} styles={full} />
      </div>
      <Section
        title={words.rule.title}
        tools={
          <span className={css.row}>
            {isChanged && <span className={css.quiet}>{words.form.unsaved}</span>}
            {isChanged && (
              <Button variant="secondary" size="S" onPress={() => load(base)}>
                {words.form.discard}
              </Button>
            )}
            <WriteButton
              variant="accent"
              size="S"
              isPending={isSaving}
              isDisabled={
                !isChanged || name.trim() === "" || (!isSql && (rule.problem !== undefined || rule.text === ""))
              }
              onPress={() => void save()}
            >
              {t.save}
            </WriteButton>
          </span>
        }
      >
        <RuleEditor rule={rule} isSql={isSql} error={error ?? asked.error} />
      </Section>
      <Estimate
        rule={rule.text}
        asked={asked}
        isDisabled={rule.text.trim() === "" || (!isSql && rule.problem !== undefined)}
      />
      {dialog}
    </div>
  );
}

function isShown(field: string): boolean {
  return field === "/name" || field.startsWith("/expression");
}
