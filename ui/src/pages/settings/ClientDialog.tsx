import { Picker, PickerItem, TextField } from "@react-spectrum/s2";
import { style } from "@react-spectrum/s2/style" with { type: "macro" };
import { useState } from "react";
import { createClient } from "../../api/settings";
import { FormDialog } from "../../parts/FormDialog";
import { faultAt } from "../../parts/formFields";
import { settings as room } from "../../strings/en/settings";

const words = room.clients;
const full = style({ width: "full" });

type Props = { onMade: (made: { id: string; secret: string }) => unknown; onClose: () => void };

export function ClientDialog({ onMade, onClose }: Props) {
  const [id, setId] = useState("");
  const [name, setName] = useState("");
  const [scope, setScope] = useState("read");
  const [sandboxes, setSandboxes] = useState("prod");
  const listed = sandboxes
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
  return (
    <FormDialog
      title={words.create}
      submitLabel={words.create}
      isDisabled={id.trim() === "" || listed.length === 0}
      onClose={onClose}
      onSubmit={async () => {
        const body = { id: id.trim(), scopes: [scope], sandboxes: listed, ...(name && { name }) };
        await onMade(await createClient(body));
      }}
    >
      {(problem) => (
        <>
          <TextField
            label={words.id}
            description={words.idHelp}
            isRequired
            autoFocus
            value={id}
            onChange={setId}
            {...faultAt(problem, "/id")}
            styles={full}
          />
          <TextField label={words.name} value={name} onChange={setName} styles={full} />
          <Picker label={words.scopes} selectedKey={scope} onSelectionChange={(key) => setScope(String(key))}>
            {Object.entries(words.scopeNames).map(([one, label]) => (
              <PickerItem key={one} id={one}>
                {label}
              </PickerItem>
            ))}
          </Picker>
          <TextField
            label={words.sandboxes}
            description={words.sandboxesHelp}
            isRequired
            value={sandboxes}
            onChange={setSandboxes}
            {...faultAt(problem, "/sandboxes")}
            styles={full}
          />
        </>
      )}
    </FormDialog>
  );
}
