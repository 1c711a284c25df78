// What the destination is called, where it delivers to, what for, and in which form.

import type { ProbeStep } from "../../api/probe";
import type { Problem } from "../../api/problem";
import type { Spec } from "../../api/shapes";
import { ErrorState } from "../../parts/ErrorState";
import { labelsOf, withFieldsAtFault } from "../../parts/fault";
import { NameFields } from "../../parts/formFields";
import { IntoView } from "../../parts/IntoView";
import { ProbeSteps } from "../../parts/ProbeSteps";
import { SchemaForm } from "../../parts/SchemaForm";
import { initialValues } from "../../parts/schema";
import css from "../../parts/wizard.module.css";
import { t } from "../../strings/en";
import { configure as room } from "../../strings/en/configure";
import type { ConfigureDraft } from "./draft";
import { FileOptions } from "./FileOptions";
import { MarketingActions } from "./MarketingActions";

const words = room.setup;

type Props = {
  spec: Spec;
  draft: ConfigureDraft;
  onChange: (part: Partial<ConfigureDraft>) => void;
  problem?: Problem;
  /** Of the test under way. */
  steps: ProbeStep[];
};

export function SetupStep({ spec, draft, onChange, problem, steps }: Props) {
  const schema = spec.targetSpec?.spec;
  const atFault = problem && withFieldsAtFault(problem, t.atFault);
  return (
    <div className={css.narrow}>
      <h3>{words.about}</h3>
      <NameFields
        labels={words}
        nameHelp={spec.attributes.isBatch ? words.nameHelp : words.nameHelpStream}
        value={draft}
        onChange={onChange}
        problem={problem}
      />
      {schema && (
        <>
          <h3>{words.target(spec.name)}</h3>
          <SchemaForm
            schema={schema}
            values={initialValues(schema, draft.target)}
            onChange={(target) => onChange({ target })}
            problem={atFault}
            pointer="/params"
          />
        </>
      )}
      {spec.attributes.isBatch && (
        <FileOptions files={draft.files} onChange={(files) => onChange({ files })} problem={problem} />
      )}
      <MarketingActions chosen={draft.actions} onChange={(actions) => onChange({ actions })} />
      <div aria-live="polite">
        {steps.length > 0 && (
          <IntoView of="steps">
            <ProbeSteps steps={steps} />
          </IntoView>
        )}
        {problem && (
          <IntoView of={problem}>
            <ErrorState error={problem} wanted={words.create} labels={{ ...labelsOf(schema), name: words.name }} />
          </IntoView>
        )}
      </div>
    </div>
  );
}
