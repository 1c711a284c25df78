// Name, credentials and encryption key of an account. The server tries new credentials before it saves them.

import {
  Button,
  ButtonGroup,
  Content,
  Dialog,
  DialogContainer,
  Heading,
  TextArea,
  TextField,
} from "@react-spectrum/s2";
import { style } from "@react-spectrum/s2/style" with { type: "macro" };
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { accountQuery, patchAccount } from "../../api/accounts";
import type { HostKey } from "../../api/probe";
import { isConflict, Problem } from "../../api/problem";
import type { Account, Spec } from "../../api/shapes";
import { ConflictNotice } from "../../parts/ConflictNotice";
import { ErrorState } from "../../parts/ErrorState";
import { hostKeyOf, withFieldsAtFault, withHostKey } from "../../parts/fault";
import { HostKeyNotice } from "../../parts/HostKey";
import { IntoView } from "../../parts/IntoView";
import { ProbeSteps } from "../../parts/ProbeSteps";
import css from "../../parts/page.module.css";
import { SchemaForm } from "../../parts/SchemaForm";
import { initialValues } from "../../parts/schema";
import { showDone } from "../../parts/toast";
import { useProbing } from "../../parts/useProbing";
import { t } from "../../strings/en";
import { destinations as room } from "../../strings/en/destinations";
import { type AccountForm, accountOperations, formOf } from "./accountForm";

const words = room.accounts;
const full = style({ width: "full" });

type Props = { account: Account; spec: Spec; onDone: () => unknown; onClose: () => void };

export function EditAccountDialog({ account: opened, spec, onDone, onClose }: Props) {
  const queries = useQueryClient();
  const [account, setAccount] = useState(opened);
  const [form, setForm] = useState<AccountForm>(() => formOf(account));
  const probing = useProbing();
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const [newer, setNewer] = useState<Account>();
  const schema = spec.authSpec.find((auth) => auth.name === account.auth?.specName)?.spec;

  const change = (part: Partial<AccountForm>) => setForm({ ...form, ...part });
  const save = async (edited: AccountForm) => {
    setBusy(true);
    setProblem(undefined);
    try {
      const operations = accountOperations(account, edited);
      if (operations.length > 0) await patchAccount(account, operations, probing.begin());
      showDone(room.actions.saved(edited.name));
      await onDone();
      onClose();
    } catch (error) {
      if (isConflict(error)) setNewer(await queries.fetchQuery({ ...accountQuery(account.id), staleTime: 0 }));
      else setProblem(Problem.from(error));
      probing.end();
      setBusy(false);
    }
  };
  const hostKey = hostKeyOf(problem);
  const approve = (key: HostKey) => {
    const approved = { ...form, params: withHostKey(form.params, key) };
    setForm(approved);
    void save(approved);
  };
  const atFault = problem && withFieldsAtFault(problem, t.atFault);
  const load = (now: Account) => {
    setAccount(now);
    setForm(formOf(now));
    setNewer(undefined);
  };
  const changes = newer && newer.name !== account.name ? [`${words.name}: ${account.name} → ${newer.name}`] : [];
  return (
    <DialogContainer onDismiss={onClose}>
      <Dialog size="M">
        <Heading slot="title">{words.editTitle(account.name)}</Heading>
        <Content>
          <div className={css.form}>
            {newer && <ConflictNotice now={newer} changes={changes} onLoad={() => load(newer)} />}
            <p className={css.text}>{words.editText}</p>
            <TextField
              label={words.name}
              isRequired
              value={form.name}
              onChange={(name) => change({ name })}
              isInvalid={problem?.field("/name") !== undefined}
              errorMessage={problem?.field("/name")}
              styles={full}
            />
            <TextField
              label={room.actions.description}
              value={form.description}
              onChange={(description) => change({ description })}
              styles={full}
            />
            {schema && (
              <SchemaForm
                schema={schema}
                values={initialValues(schema, form.params)}
                onChange={(params) => change({ params })}
                problem={atFault}
                pointer="/auth/params"
              />
            )}
            {spec.encryptionSpecs.length > 0 && (
              <TextArea
                label={words.key}
                description={words.keyHelp}
                value={form.publicKey}
                onChange={(publicKey) => change({ publicKey })}
                isInvalid={problem?.field("/encryption/params/publicKey") !== undefined}
                errorMessage={problem?.field("/encryption/params/publicKey")}
                styles={full}
              />
            )}
            <div aria-live="polite">
              {probing.steps.length > 0 && (
                <IntoView of="steps">
                  <ProbeSteps steps={probing.steps} />
                </IntoView>
              )}
              {problem && (
                <IntoView of={problem}>
                  {hostKey ? (
                    <HostKeyNotice hostKey={hostKey} onApprove={() => approve(hostKey)} />
                  ) : (
                    <ErrorState error={problem} wanted={t.save} />
                  )}
                </IntoView>
              )}
            </div>
          </div>
        </Content>
        <ButtonGroup>
          <Button variant="secondary" onPress={onClose}>
            {t.cancel}
          </Button>
          <Button
            variant="accent"
            isPending={isBusy}
            isDisabled={form.name.trim() === "" || newer !== undefined}
            onPress={() => void save(form)}
          >
            {t.save}
          </Button>
        </ButtonGroup>
      </Dialog>
    </DialogContainer>
  );
}
