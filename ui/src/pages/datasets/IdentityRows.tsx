import { ActionButton, Button, Picker, PickerItem, TextField } from "@react-spectrum/s2";
import Delete from "@react-spectrum/s2/icons/Delete";
import type { Problem } from "../../api/problem";
import { faultAt } from "../../parts/formFields";
import { datasets as room } from "../../strings/en/datasets";
import { type IdentityDraft, withoutIdentity, withPath } from "./datasetDraft";
import css from "./datasets.module.css";
import { PathField } from "./PathField";

const words = room.form;

type Props = {
  identities: IdentityDraft[];
  /** As they were when `problem` was found. */
  sent: IdentityDraft[];
  onChange: (identities: IdentityDraft[]) => void;
  problem: Problem | undefined;
  /** Fields that there are, where the files were looked at. */
  paths: string[];
  /** The namespace that goes with a field, where one is guessed. */
  namespaceOf: (path: string) => string;
};

export function IdentityRows({ identities, sent, onChange, problem, paths, namespaceOf }: Props) {
  const change = (at: number, next: (identity: IdentityDraft) => IdentityDraft) =>
    onChange(identities.map((identity, index) => (index === at ? next(identity) : identity)));
  const error = problem?.field("/identities");
  return (
    <fieldset className={css.identities}>
      <legend>{words.identities}</legend>
      <p>{words.identitiesHelp}</p>
      {identities.map(({ path, namespace }, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows have no names of their own, and all is controlled
        <div key={at} className={css.identity}>
          <PathField
            label={words.identityPath(at + 1)}
            placeholder={words.pathExample}
            isRequired
            value={path}
            paths={paths}
            onChange={(next) => change(at, (one) => withPath(one, next, namespaceOf))}
            {...faultAt(sent[at]?.path === path ? problem : undefined, `/identities/${at}/path`)}
          />
          <TextField
            label={words.identityNamespace(at + 1)}
            isRequired
            placeholder={words.namespaceExample}
            value={namespace}
            onChange={(next) => change(at, (one) => ({ ...one, namespace: next }))}
            {...faultAt(sent[at]?.namespace === namespace ? problem : undefined, `/identities/${at}/namespace`)}
          />
          <ActionButton
            isQuiet
            aria-label={words.removeIdentity(at + 1)}
            isDisabled={identities.length === 1}
            onPress={() => onChange(withoutIdentity(identities, at))}
          >
            <Delete />
          </ActionButton>
        </div>
      ))}
      {error && <p role="alert">{error}</p>}
      {identities.length > 1 && (
        <Picker
          label={words.primary}
          labelPosition="side"
          size="S"
          selectedKey={String(identities.findIndex((identity) => identity.primary))}
          onSelectionChange={(key) => onChange(identities.map((one, at) => ({ ...one, primary: String(at) === key })))}
        >
          {identities.map(({ path, namespace }, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: as above
            <PickerItem key={at} id={String(at)}>
              {namespace || path || String(at + 1)}
            </PickerItem>
          ))}
        </Picker>
      )}
      <Button
        variant="secondary"
        size="S"
        onPress={() => onChange([...identities, { path: "", namespace: "", primary: identities.length === 0 }])}
      >
        {words.addIdentity}
      </Button>
    </fieldset>
  );
}
