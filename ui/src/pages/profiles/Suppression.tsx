// Whether one person is kept out of all exports, and the other way.

import { Button, TextField } from "@react-spectrum/s2";
import { style } from "@react-spectrum/s2/style" with { type: "macro" };
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type FoundPerson, suppress, unsuppress } from "../../api/people";
import { ConfirmDialog } from "../../parts/ConfirmDialog";
import css from "../../parts/page.module.css";
import { Facts } from "../../parts/Rail";
import { Section } from "../../parts/Section";
import { showDone } from "../../parts/toast";
import { NONE, State, Time } from "../../parts/values";
import { profiles as room } from "../../strings/en/profiles";

const words = room.suppression;

export function Suppression({ found, onChanged }: { found: FoundPerson; onChanged: () => void }) {
  const { suppressed, suppression } = found;
  const [isAsked, setAsked] = useState(false);
  const close = () => setAsked(false);
  return (
    <Section title={words.title}>
      <div className={css.row}>
        <State variant={suppressed ? "negative" : "positive"}>{suppressed ? words.isOut : words.isIn}</State>
        <Button variant="secondary" onPress={() => setAsked(true)}>
          {suppressed ? words.remove : words.add}
        </Button>
      </div>
      <p className={css.quiet}>{words.lead}</p>
      {suppression && (
        <Facts
          isRow
          facts={[
            [words.by, words.byIdentity(suppression.namespace)],
            [words.reason, suppression.reason || NONE],
            [words.addedAt, <Time key="at" at={suppression.addedAt} />],
            [words.addedBy, suppression.addedBy ?? NONE],
          ]}
        />
      )}
      {isAsked && !suppressed && <AddDialog found={found} onChanged={onChanged} onClose={close} />}
      {isAsked && suppressed && <RemoveDialog found={found} onChanged={onChanged} onClose={close} />}
    </Section>
  );
}

type Props = { found: FoundPerson; onChanged: () => void; onClose: () => void };

function AddDialog({ found, onChanged, onClose }: Props) {
  const queries = useQueryClient();
  const [reason, setReason] = useState("");
  return (
    <ConfirmDialog
      title={words.add}
      confirmLabel={words.add}
      onConfirm={async () => {
        const { added } = await suppress([found.identity], reason);
        showDone(added > 0 ? words.added : words.known);
        await queries.invalidateQueries({ queryKey: ["suppressions"] });
        onChanged();
      }}
      onClose={onClose}
    >
      <div className={css.form}>
        <p className={css.text}>{words.addText}</p>
        <TextField
          label={words.reason}
          description={words.reasonHelp}
          maxLength={255}
          value={reason}
          onChange={setReason}
          styles={style({ width: "full" })}
        />
      </div>
    </ConfirmDialog>
  );
}

function RemoveDialog({ found, onChanged, onClose }: Props) {
  const queries = useQueryClient();
  const { suppression } = found;
  return (
    <ConfirmDialog
      title={words.remove}
      confirmLabel={words.remove}
      onConfirm={async () => {
        // It may be another identity of the profile that keeps it out.
        const who = suppression ? { keys: [suppression.key] } : { identities: [found.identity] };
        const { removed } = await unsuppress(who);
        showDone(removed > 0 ? words.removed : words.notThere);
        await queries.invalidateQueries({ queryKey: ["suppressions"] });
        onChanged();
      }}
      onClose={onClose}
    >
      {words.removeText}
    </ConfirmDialog>
  );
}
