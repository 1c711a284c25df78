// Name and description of a destination.

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
import type { PatchOperation } from "../../api/accounts";
import { flowQuery, patchFlow } from "../../api/flows";
import { isConflict, Problem } from "../../api/problem";
import type { Flow } from "../../api/shapes";
import { ConflictNotice } from "../../parts/ConflictNotice";
import { ErrorState } from "../../parts/ErrorState";
import css from "../../parts/page.module.css";
import { showDone } from "../../parts/toast";
import { t } from "../../strings/en";
import { destinations as room } from "../../strings/en/destinations";

const words = room.actions;
const full = style({ width: "full" });

type Props = { flow: Flow; onDone: () => unknown; onClose: () => void };

export function RenameDialog({ flow: opened, onDone, onClose }: Props) {
  const queries = useQueryClient();
  const [flow, setFlow] = useState(opened);
  const [name, setName] = useState(flow.name);
  const [description, setDescription] = useState(flow.description ?? "");
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const [newer, setNewer] = useState<Flow>();

  const save = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      await patchFlow(flow, operations(flow, name, description));
      showDone(words.saved(name));
      await onDone();
      onClose();
    } catch (error) {
      if (isConflict(error)) setNewer(await queries.fetchQuery({ ...flowQuery(flow.id), staleTime: 0 }));
      else setProblem(Problem.from(error));
      setBusy(false);
    }
  };
  const load = (now: Flow) => {
    setFlow(now);
    setName(now.name);
    setDescription(now.description ?? "");
    setNewer(undefined);
  };
  return (
    <DialogContainer onDismiss={onClose}>
      <Dialog size="S">
        <Heading slot="title">{words.rename}</Heading>
        <Content>
          <div className={css.form}>
            {newer && <ConflictNotice now={newer} changes={changes(flow, newer)} onLoad={() => load(newer)} />}
            <TextField
              label={words.name}
              isRequired
              value={name}
              onChange={setName}
              isInvalid={problem?.field("/name") !== undefined}
              errorMessage={problem?.field("/name")}
              styles={full}
            />
            <TextArea label={words.description} value={description} onChange={setDescription} styles={full} />
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
            isDisabled={name.trim() === "" || newer !== undefined}
            onPress={() => void save()}
          >
            {t.save}
          </Button>
        </ButtonGroup>
      </Dialog>
    </DialogContainer>
  );
}

function operations(flow: Flow, name: string, description: string): PatchOperation[] {
  const all: PatchOperation[] = [{ op: "replace", path: "/name", value: name }];
  const had = flow.description !== undefined && flow.description !== null;
  if (description !== "") all.push({ op: "add", path: "/description", value: description });
  else if (had) all.push({ op: "remove", path: "/description" });
  return all;
}

function changes(before: Flow, now: Flow): string[] {
  const told: string[] = [];
  if (before.name !== now.name) told.push(`${words.name}: ${before.name} → ${now.name}`);
  if ((before.description ?? "") !== (now.description ?? ""))
    told.push(`${words.description}: ${now.description ?? "–"}`);
  if (before.state !== now.state) told.push(`${room.browse.state}: ${now.state}`);
  return told;
}
