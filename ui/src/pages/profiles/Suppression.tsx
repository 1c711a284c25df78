// Keeping one person out of all exports, and letting them be exported again.

import { Button, TextField } from "@react-spectrum/s2";
import { style } from "@react-spectrum/s2/style" with { type: "macro" };
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type Person, suppress, unsuppress } from "../../api/people";
import { ConfirmDialog } from "../../parts/ConfirmDialog";
import { Section } from "../../parts/Section";
import { showDone } from "../../parts/toast";
import { profiles as room } from "../../strings/en/profiles";
import css from "../pages.module.css";

const words = room.suppression;

export function Suppression({ person }: { person: Person }) {
  const queries = useQueryClient();
  const [asked, setAsked] = useState<"add" | "remove">();
  const [reason, setReason] = useState("");
  const renew = () => queries.invalidateQueries({ queryKey: ["suppressions"] });
  return (
    <Section title={words.title}>
      <p className={css.quiet}>{words.lead}</p>
      <div className={css.row}>
        <Button variant="secondary" onPress={() => setAsked("add")}>
          {words.add}
        </Button>
        <Button variant="secondary" onPress={() => setAsked("remove")}>
          {words.remove}
        </Button>
      </div>
      {asked === "add" && (
        <ConfirmDialog
          title={words.add}
          confirmLabel={words.add}
          onConfirm={async () => {
            const { added } = await suppress([person], reason);
            showDone(added > 0 ? words.added : words.known);
            await renew();
          }}
          onClose={() => setAsked(undefined)}
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
      )}
      {asked === "remove" && (
        <ConfirmDialog
          title={words.remove}
          confirmLabel={words.remove}
          onConfirm={async () => {
            const { removed } = await unsuppress({ identities: [person] });
            showDone(removed > 0 ? words.removed : words.notThere);
            await renew();
          }}
          onClose={() => setAsked(undefined)}
        >
          {words.removeText}
        </ConfirmDialog>
      )}
    </Section>
  );
}
