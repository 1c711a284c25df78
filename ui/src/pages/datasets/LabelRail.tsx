// The labels of one field or of the whole dataset, to be changed.

import { Button, Checkbox, CheckboxGroup } from "@react-spectrum/s2";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Dataset, DatasetLabels, Label } from "../../api/dataShapes";
import { type OnViolation, putLabels } from "../../api/datasets";
import { labelsQuery } from "../../api/governance";
import { LabelChips } from "../../parts/LabelChips";
import { Loaded } from "../../parts/Loaded";
import css from "../../parts/page.module.css";
import { Facts, Rail } from "../../parts/Rail";
import { showDone } from "../../parts/toast";
import { useGuarded } from "../../parts/useGuarded";
import { useMayWrite, WriteButton } from "../../parts/WriteOnly";
import { t } from "../../strings/en";
import { datasets as room } from "../../strings/en/datasets";
import own from "./datasets.module.css";
import { type Field, withLabels } from "./fields";

const words = room.labels;

type Props = { dataset: Dataset; labels: DatasetLabels; field: Field | undefined; onClose: () => void };

export function LabelRail({ dataset, labels, field, onClose }: Props) {
  const known = useQuery(labelsQuery);
  const title = field?.name ?? dataset.name;
  return (
    <Rail title={title} onClose={onClose}>
      {field && (
        <Facts
          facts={[
            [words.path, <code key="path">{field.path}</code>],
            [words.type, field.type],
          ]}
        />
      )}
      {field && field.inherited.length > 0 && (
        <section aria-label={words.inherited} className={css.plain}>
          <strong>{words.inherited}</strong>
          {field.inherited.map((label) => (
            <span key={`${label.name} ${label.from}`} className={css.row}>
              <LabelChips labels={[label]} />
              <span className={css.quiet}>{t.labelFrom(label.from)}</span>
            </span>
          ))}
          <span className={css.quiet}>{words.inheritedHelp}</span>
        </section>
      )}
      <Loaded query={known}>
        {(all) => {
          // What is chosen begins anew when the labels were changed elsewhere, as by a suggestion.
          const key = (field?.own ?? labels.labels).join(" ");
          return <Choice key={key} all={all} dataset={dataset} labels={labels} field={field} title={title} />;
        }}
      </Loaded>
    </Rail>
  );
}

type ChoiceProps = Omit<Props, "onClose"> & { all: Label[]; title: string };

function Choice({ all, dataset, labels, field, title }: ChoiceProps) {
  const queries = useQueryClient();
  const mayWrite = useMayWrite();
  const [run, dialog] = useGuarded(words.conflict);
  const before = field?.own ?? labels.labels;
  const [chosen, setChosen] = useState(before);
  const [isSaving, setSaving] = useState(false);
  // A label that is not known any more stays until somebody takes it off.
  const unknown = before.filter((name) => !all.some((label) => label.name === name));
  const isSame = chosen.length === before.length && chosen.every((name) => before.includes(name));
  const reload = () => queries.invalidateQueries({ queryKey: ["datasets", dataset.id] });
  const save = async () => {
    setSaving(true);
    const wanted = withLabels(labels, field?.schemaPath, chosen);
    const write = (onViolation: OnViolation) => putLabels(dataset.id, wanted, onViolation);
    await run(words.save, write, async () => {
      await reload();
      showDone(words.saved(title));
    });
    setSaving(false);
  };
  return (
    <div className={own.labelList}>
      <div className={css.row}>
        <WriteButton variant="accent" isPending={isSaving} isDisabled={isSame} onPress={() => void save()}>
          {words.save}
        </WriteButton>
        {!isSame && (
          <Button variant="secondary" onPress={() => setChosen(before)}>
            {t.cancel}
          </Button>
        )}
      </div>
      <CheckboxGroup label={words.own} isDisabled={!mayWrite} value={chosen} onChange={setChosen}>
        {[
          ...all.map((label) => ({ name: label.name, about: label.friendlyName })),
          ...unknown.map((name) => ({ name, about: null })),
        ].map(({ name, about }) => (
          <Checkbox key={name} value={name}>
            {about && about !== name ? `${name} · ${about}` : name}
          </Checkbox>
        ))}
      </CheckboxGroup>
      <p className={css.quiet}>{words.makeOne}</p>
      {dialog}
    </div>
  );
}
