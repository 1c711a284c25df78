// Name and description of a destination.

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { PatchOperation } from "../../api/accounts";
import { flowQuery, patchFlow } from "../../api/flows";
import type { Flow } from "../../api/shapes";
import { EditDialog } from "../../parts/EditDialog";
import { ErrorState } from "../../parts/ErrorState";
import { NameFields } from "../../parts/formFields";
import { t } from "../../strings/en";
import { destinations as room } from "../../strings/en/destinations";

const words = room.actions;

type Form = { name: string; description: string };
type Props = { flow: Flow; onDone: () => unknown; onClose: () => void };

export function RenameDialog({ flow, onDone, onClose }: Props) {
  const queries = useQueryClient();
  const [form, setForm] = useState<Form>(() => formOf(flow));
  return (
    <EditDialog
      title={words.rename}
      size="S"
      opened={flow}
      read={() => queries.fetchQuery({ ...flowQuery(flow.id), staleTime: 0 })}
      changes={changes}
      onLoad={(now) => setForm(formOf(now))}
      onSave={(now) => patchFlow(now, operations(now, form))}
      done={words.saved(form.name)}
      onDone={onDone}
      onClose={onClose}
      isDisabled={form.name.trim() === ""}
    >
      {({ problem }) => (
        <>
          <NameFields
            labels={words}
            value={form}
            onChange={(part) => setForm({ ...form, ...part })}
            problem={problem}
          />
          {problem && <ErrorState error={problem} wanted={t.save} />}
        </>
      )}
    </EditDialog>
  );
}

function formOf({ name, description }: Flow): Form {
  return { name, description: description ?? "" };
}

function operations(flow: Flow, { name, description }: Form): PatchOperation[] {
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
