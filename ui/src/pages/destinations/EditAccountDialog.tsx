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
import { isConflict, Problem } from "../../api/problem";
import type { Account, Spec } from "../../api/shapes";
import { ConflictNotice } from "../../parts/ConflictNotice";
import { ErrorState } from "../../parts/ErrorState";
import { SchemaForm } from "../../parts/SchemaForm";
import { initialValues } from "../../parts/schema";
import { showDone } from "../../parts/toast";
import { t } from "../../strings/en";
import { destinations as room } from "../../strings/en/destinations";
import { type AccountForm, accountOperations, formOf } from "./accountForm";
import css from "./destinations.module.css";

const words = room.accounts;
const full = style({ width: "full" });

type Props = { account: Account; spec: Spec; onDone: () => unknown; onClose: () => void };

export function EditAccountDialog({ account: opened, spec, onDone, onClose }: Props) {
  const queries = useQueryClient();
  const [account, setAccount] = useState(opened);
  const [form, setForm] = useState<AccountForm>(() => formOf(account));
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const [newer, setNewer] = useState<Account>();
  const schema = spec.authSpec.find((auth) => auth.name === account.auth?.specName)?.spec;

  const change = (part: Partial<AccountForm>) => setForm({ ...form, ...part });
  const save = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      const operations = accountOperations(account, form);
      if (operations.length > 0) await patchAccount(account, operations);
      showDone(room.actions.saved(form.name));
      await onDone();
      onClose();
    } catch (error) {
      if (isConflict(error)) setNewer(await queries.fetchQuery({ ...accountQuery(account.id), staleTime: 0 }));
      else setProblem(Problem.from(error));
      setBusy(false);
    }
  };
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
            <p className={css.lead}>{words.editText}</p>
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
                problem={problem}
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
            {problem && <ErrorState error={problem} wanted={t.save} />}
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
            onPress={() => void save()}
          >
            {t.save}
          </Button>
        </ButtonGroup>
      </Dialog>
    </DialogContainer>
  );
}
