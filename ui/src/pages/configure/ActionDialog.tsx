import { Button, ButtonGroup, Content, Dialog, DialogContainer, Heading, TextField } from "@react-spectrum/s2";
import { style } from "@react-spectrum/s2/style" with { type: "macro" };
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { putAction, refOf } from "../../api/governance";
import { ErrorState } from "../../parts/ErrorState";
import css from "../../parts/wizard.module.css";
import { t } from "../../strings/en";
import { configure as room } from "../../strings/en/configure";

const words = room.action;
const full = style({ width: "full" });

/** A marketing action of the organisation's own. */
export function ActionDialog({ onCreated, onClose }: { onCreated: (reference: string) => void; onClose: () => void }) {
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [isBusy, setBusy] = useState(false);
  const isBad = /[\s/]/.test(name.trim());
  const [error, setError] = useState<unknown>();
  const create = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await putAction({ name: name.trim(), ...(description !== "" && { description }) }, undefined);
      await queries.invalidateQueries({ queryKey: ["marketing-actions"] });
      onCreated(refOf("custom", name.trim()));
      onClose();
    } catch (caught) {
      setError(caught);
      setBusy(false);
    }
  };
  return (
    <DialogContainer onDismiss={onClose}>
      <Dialog size="S">
        <Heading slot="title">{words.title}</Heading>
        <Content>
          <div className={css.dialog}>
            <TextField
              label={words.name}
              description={words.nameHelp}
              isRequired
              autoFocus
              value={name}
              onChange={setName}
              isInvalid={isBad}
              errorMessage={words.badName}
              styles={full}
            />
            <TextField label={words.description} value={description} onChange={setDescription} styles={full} />
            {error !== undefined && <ErrorState error={error} wanted={words.create} />}
          </div>
        </Content>
        <ButtonGroup>
          <Button variant="secondary" onPress={onClose}>
            {t.cancel}
          </Button>
          <Button
            variant="accent"
            isPending={isBusy}
            isDisabled={name.trim() === "" || isBad}
            onPress={() => void create()}
          >
            {words.create}
          </Button>
        </ButtonGroup>
      </Dialog>
    </DialogContainer>
  );
}
