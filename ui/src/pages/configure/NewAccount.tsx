// The form of a new account: what its kind asks for.

import {
  Disclosure,
  DisclosurePanel,
  DisclosureTitle,
  Picker,
  PickerItem,
  TextArea,
  TextField,
} from "@react-spectrum/s2";
import { style } from "@react-spectrum/s2/style" with { type: "macro" };
import type { Problem } from "../../api/problem";
import type { Spec } from "../../api/shapes";
import { faultAt } from "../../parts/formFields";
import { SchemaForm } from "../../parts/SchemaForm";
import { initialValues } from "../../parts/schema";
import css from "../../parts/wizard.module.css";
import { configure as room } from "../../strings/en/configure";
import { destinations as destinationsWords } from "../../strings/en/destinations";
import { wayName } from "../destinations/workspace";
import type { ConfigureDraft } from "./draft";

const words = room.account;
const full = style({ width: "full" });

type Props = {
  spec: Spec;
  draft: ConfigureDraft;
  onChange: (part: Partial<ConfigureDraft>) => void;
  problem?: Problem;
};

export function NewAccount({ spec, draft, onChange, problem }: Props) {
  const schema = spec.authSpec.find((auth) => auth.name === draft.authSpec)?.spec;
  const keyProblem = problem?.field("/encryption/params/publicKey");
  return (
    <div className={css.stack}>
      {spec.authSpec.length > 1 && (
        <Picker
          label={words.kind}
          selectedKey={draft.authSpec}
          onSelectionChange={(key) => onChange({ authSpec: String(key) })}
          items={spec.authSpec}
          styles={full}
        >
          {(auth) => <PickerItem id={auth.name}>{wayName(auth.name)}</PickerItem>}
        </Picker>
      )}
      <TextField
        label={words.name}
        description={words.nameHelp}
        isRequired
        value={draft.accountName}
        onChange={(accountName) => onChange({ accountName })}
        {...faultAt(problem, "/name")}
        styles={full}
      />
      {schema && (
        <SchemaForm
          key={draft.authSpec}
          schema={schema}
          values={initialValues(schema, draft.params)}
          onChange={(params) => onChange({ params })}
          problem={problem}
          pointer="/auth/params"
        />
      )}
      {spec.encryptionSpecs.length > 0 && (
        <Disclosure
          size="S"
          density="compact"
          isQuiet
          defaultExpanded={draft.publicKey !== "" || keyProblem !== undefined}
        >
          <DisclosureTitle level={3}>{words.encryption}</DisclosureTitle>
          <DisclosurePanel>
            <TextArea
              label={destinationsWords.accounts.key}
              description={destinationsWords.accounts.keyHelp}
              value={draft.publicKey}
              onChange={(publicKey) => onChange({ publicKey })}
              isInvalid={keyProblem !== undefined}
              errorMessage={keyProblem}
              styles={full}
            />
          </DisclosurePanel>
        </Disclosure>
      )}
    </div>
  );
}
