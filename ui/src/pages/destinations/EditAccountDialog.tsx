// Name, credentials and encryption key of an account. The server tries new credentials before it saves them.

import { TextArea } from "@react-spectrum/s2";
import { style } from "@react-spectrum/s2/style" with { type: "macro" };
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { accountQuery, patchAccount } from "../../api/accounts";
import type { ProbeStep } from "../../api/probe";
import type { Problem } from "../../api/problem";
import type { Account, Spec } from "../../api/shapes";
import { authSchemaOf } from "../../api/specs";
import { EditDialog } from "../../parts/EditDialog";
import { ErrorState } from "../../parts/ErrorState";
import { type FieldLabels, hostKeyOf, labelsOf, withFieldsAtFault, withHostKey } from "../../parts/fault";
import { faultAt, NameFields } from "../../parts/formFields";
import { HostKeyNotice } from "../../parts/HostKey";
import { IntoView } from "../../parts/IntoView";
import { ProbeSteps } from "../../parts/ProbeSteps";
import css from "../../parts/page.module.css";
import { SchemaForm } from "../../parts/SchemaForm";
import { initialValues } from "../../parts/schema";
import { useProbing } from "../../parts/useProbing";
import { NONE } from "../../parts/values";
import { t } from "../../strings/en";
import { destinations as room } from "../../strings/en/destinations";
import { type AccountForm, accountOperations, formOf } from "./accountForm";

const words = room.accounts;

/** Of secrets only the server knows whether they changed. */
function changesOf(before: Account, now: Account): string[] {
  const told: string[] = [];
  if (before.name !== now.name) told.push(`${words.name}: ${before.name} → ${now.name}`);
  if ((before.description ?? "") !== (now.description ?? "")) {
    told.push(`${room.actions.description}: ${now.description || NONE}`);
  }
  if (JSON.stringify(before.auth) !== JSON.stringify(now.auth)) told.push(words.credentialsChanged);
  return told;
}

type Props = { account: Account; spec: Spec; onDone: () => unknown; onClose: () => void };

export function EditAccountDialog({ account: opened, spec, onDone, onClose }: Props) {
  const queries = useQueryClient();
  const probing = useProbing();
  const [form, setForm] = useState<AccountForm>(() => formOf(opened));
  const change = (part: Partial<AccountForm>) => setForm({ ...form, ...part });
  const write = async (account: Account, edited: AccountForm) => {
    const operations = accountOperations(account, edited);
    try {
      if (operations.length > 0) await patchAccount(account, operations, probing.begin());
    } finally {
      probing.end();
    }
  };
  return (
    <EditDialog
      title={words.editTitle(opened.name)}
      size="M"
      opened={opened}
      read={() => queries.fetchQuery({ ...accountQuery(opened.id), staleTime: 0 })}
      changes={changesOf}
      onLoad={(now) => setForm(formOf(now))}
      onSave={(account) => write(account, form)}
      done={room.actions.saved(form.name)}
      onDone={onDone}
      onClose={onClose}
      isDisabled={form.name.trim() === ""}
    >
      {({ object, problem, save }) => (
        <>
          <Fields account={object} spec={spec} form={form} onChange={change} problem={problem} />
          <Outcome
            steps={probing.steps}
            problem={problem}
            labels={labelsOf(authSchemaOf(object, spec))}
            onApprove={(key) => {
              const approved = { ...form, params: withHostKey(form.params, key) };
              setForm(approved);
              save((account) => write(account, approved));
            }}
          />
        </>
      )}
    </EditDialog>
  );
}

type FieldsProps = {
  account: Account;
  spec: Spec;
  form: AccountForm;
  onChange: (part: Partial<AccountForm>) => void;
  problem?: Problem;
};

function Fields({ account, spec, form, onChange, problem }: FieldsProps) {
  const schema = authSchemaOf(account, spec);
  return (
    <>
      <p className={css.text}>{words.editText}</p>
      <NameFields labels={room.actions} value={form} onChange={onChange} problem={problem} />
      {schema && (
        <SchemaForm
          schema={schema}
          values={initialValues(schema, form.params)}
          onChange={(params) => onChange({ params })}
          problem={problem && withFieldsAtFault(problem, t.atFault)}
          pointer="/auth/params"
        />
      )}
      {spec.encryptionSpecs.length > 0 && (
        <TextArea
          label={words.key}
          description={words.keyHelp}
          value={form.publicKey}
          onChange={(publicKey) => onChange({ publicKey })}
          {...faultAt(problem, "/encryption/params/publicKey")}
          styles={style({ width: "full" })}
        />
      )}
    </>
  );
}

type OutcomeProps = {
  steps: ProbeStep[];
  problem?: Problem;
  labels: FieldLabels;
  onApprove: (key: NonNullable<ReturnType<typeof hostKeyOf>>) => void;
};

/** How far the test is, and why it did not go on. */
function Outcome({ steps, problem, labels, onApprove }: OutcomeProps) {
  const hostKey = hostKeyOf(problem);
  return (
    <div aria-live="polite">
      {steps.length > 0 && (
        <IntoView of="steps">
          <ProbeSteps steps={steps} />
        </IntoView>
      )}
      {problem && (
        <IntoView of={problem}>
          {hostKey ? (
            <HostKeyNotice hostKey={hostKey} onApprove={() => onApprove(hostKey)} />
          ) : (
            <ErrorState error={problem} wanted={t.save} labels={labels} />
          )}
        </IntoView>
      )}
    </div>
  );
}
