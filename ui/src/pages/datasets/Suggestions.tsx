// Labels that the server suggests, to accept or to refuse. Nothing is labelled by looking at them.

import { ActionButton } from "@react-spectrum/s2";
import Checkmark from "@react-spectrum/s2/icons/Checkmark";
import Close from "@react-spectrum/s2/icons/Close";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { Suggestion } from "../../api/dataShapes";
import { acceptSuggestions, refuseSuggestions, suggestionsQuery } from "../../api/datasets";
import { LabelChips } from "../../parts/LabelChips";
import css from "../../parts/page.module.css";
import { Section } from "../../parts/Section";
import { showDone, showProblem } from "../../parts/toast";
import { useGuarded } from "../../parts/useGuarded";
import { WriteButton, WriteOnly } from "../../parts/WriteOnly";
import { datasets as room } from "../../strings/en/datasets";
import own from "./datasets.module.css";
import type { Field } from "./fields";

const words = room.suggestions;

export function Suggestions({ datasetId, fields }: { datasetId: string; fields: Field[] }) {
  const queries = useQueryClient();
  const [run, dialog] = useGuarded();
  const query = useQuery(suggestionsQuery(datasetId));
  const suggestions = query.data?.suggestions ?? [];
  const reload = () => queries.invalidateQueries({ queryKey: ["datasets", datasetId] });
  const named = (some: Suggestion[]) => some.map(({ schemaPath, label }) => ({ schemaPath, label }));
  const accept = (some: Suggestion[]) =>
    run(
      words.accept,
      (onViolation) => acceptSuggestions(datasetId, named(some), onViolation),
      async () => {
        await reload();
        showDone(words.accepted(some.length));
      },
    );
  const refuse = async (one: Suggestion) => {
    try {
      await refuseSuggestions(datasetId, named([one]));
      await reload();
      showDone(words.refused);
    } catch (error) {
      showProblem(error, words.refuse);
    }
  };
  // Of a dataset that was not read yet there are none, and the page says so already.
  if (suggestions.length === 0) return dialog;
  const pathOf = (schemaPath: string) => fields.find((field) => field.schemaPath === schemaPath)?.path ?? schemaPath;
  return (
    <Section
      title={words.title}
      tools={
        <WriteButton variant="secondary" size="S" onPress={() => void accept(suggestions)}>
          {words.acceptAll}
        </WriteButton>
      }
    >
      <p className={css.quiet}>{words.lead(query.data?.recordsSampled ?? 0)}</p>
      <ul className={own.suggestions}>
        {suggestions.map((one) => {
          const path = pathOf(one.schemaPath);
          return (
            <li key={`${one.schemaPath} ${one.label}`} className={own.suggestion}>
              <LabelChips isNamed labels={[{ name: one.label }]} />
              <span className={own.why}>
                <code>{path}</code>
                <span className={css.quiet}>
                  {words.likeness[one.likeness] ?? one.likeness}
                  {one.valuesAlike > 0 && ` (${words.alike(one.valuesAlike, one.valuesSampled)})`}
                </span>
              </span>
              <WriteOnly>
                <span className={own.decide}>
                  <ActionButton
                    isQuiet
                    size="S"
                    aria-label={words.acceptOne(one.label, path)}
                    onPress={() => void accept([one])}
                  >
                    <Checkmark />
                  </ActionButton>
                  <ActionButton
                    isQuiet
                    size="S"
                    aria-label={words.refuseOne(one.label, path)}
                    onPress={() => void refuse(one)}
                  >
                    <Close />
                  </ActionButton>
                </span>
              </WriteOnly>
            </li>
          );
        })}
      </ul>
      {dialog}
    </Section>
  );
}
