import { Button, TextField } from "@react-spectrum/s2";
import { style } from "@react-spectrum/s2/style" with { type: "macro" };
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { ask, createDefinition } from "../../api/definitions";
import { Problem } from "../../api/problem";
import { Anchor } from "../../parts/Anchor";
import { ErrorState } from "../../parts/ErrorState";
import { faultAt } from "../../parts/formFields";
import { PageHead } from "../../parts/PageHead";
import css from "../../parts/page.module.css";
import { Section } from "../../parts/Section";
import { showDone } from "../../parts/toast";
import { Needs } from "../../parts/WriteOnly";
import { BASE, paths } from "../../paths";
import { t } from "../../strings/en";
import { segments as words } from "../../strings/en/segments";
import { Estimate } from "./Estimate";
import { RuleEditor } from "./RuleEditor";
import { useRule } from "./useRule";

export function NewSegmentPage() {
  return (
    <Needs>
      <NewSegment />
    </Needs>
  );
}

function NewSegment() {
  const router = useRouter();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const rule = useRule("");
  const asked = useMutation({ mutationFn: async (text: string) => ({ ...(await ask(text, "pql/text")), rule: text }) });
  const save = useMutation({
    mutationFn: (value: string) =>
      createDefinition({ name, description, expression: { type: "PQL", format: "pql/text", value } }),
    onSuccess: async (segment) => {
      showDone(words.created(segment.name));
      await queries.invalidateQueries({ queryKey: ["segments"] });
      await router.navigate({ href: BASE + paths.segment(segment.id) });
    },
  });
  const problem = save.error ? Problem.from(save.error) : undefined;
  const isOfRule = problem?.fields.every(({ field }) => field.startsWith("/expression") || field === "/name");
  const isReady = name.trim() !== "" && rule.text.trim() !== "" && rule.problem === undefined;
  return (
    <>
      <div className={css.head}>
        <PageHead title={words.newTitle} trail={<Anchor to={paths.segments()}>{words.title}</Anchor>}>
          <Button variant="secondary" onPress={() => void router.navigate({ href: BASE + paths.segments() })}>
            {t.cancel}
          </Button>
          <Button
            variant="accent"
            isDisabled={!isReady}
            isPending={save.isPending}
            onPress={() => save.mutate(rule.text)}
          >
            {t.save}
          </Button>
        </PageHead>
      </div>
      <div className={css.page}>
        {problem && !(isOfRule && problem.fields.length > 0) && <ErrorState error={problem} wanted={t.save} />}
        <div className={css.columns}>
          <TextField
            label={words.form.name}
            isRequired
            autoFocus
            value={name}
            onChange={setName}
            {...faultAt(problem, "/name")}
            styles={style({ width: "full" })}
          />
          <TextField
            label={words.form.description}
            value={description}
            onChange={setDescription}
            styles={style({ width: "full" })}
          />
        </div>
        <Section title={words.rule.title}>
          <RuleEditor rule={rule} error={[save, asked].find(({ variables }) => variables === rule.text)?.error} />
        </Section>
        <Estimate rule={rule.text} asked={asked} isDisabled={rule.text.trim() === "" || rule.problem !== undefined} />
      </div>
    </>
  );
}
