// Keeps people out of exports, by identities that are typed or come from a file.

import { Button, ComboBox, ComboBoxItem, TextArea, TextField } from "@react-spectrum/s2";
import { style } from "@react-spectrum/s2/style" with { type: "macro" };
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { datasetsQuery } from "../../api/datasets";
import { suppress } from "../../api/people";
import { FormDialog } from "../../parts/FormDialog";
import { faultAt } from "../../parts/formFields";
import { missing } from "../../parts/GoOn";
import css from "../../parts/page.module.css";
import { showDone, showProblem } from "../../parts/toast";
import { policies as room } from "../../strings/en/policies";
import { linesOf } from "./identityLines";

const words = room.suppressions;
const full = style({ width: "full" });
/** What one request takes. */
const IDENTITIES_MAX = 10_000;

export function SuppressDialog({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const datasets = useQuery(datasetsQuery);
  const [namespace, setNamespace] = useState("");
  const [text, setText] = useState("");
  const [reason, setReason] = useState("");
  const ids = linesOf(text);
  const names = new Set(datasets.data?.items.flatMap((dataset) => dataset.identities.map((one) => one.namespace)));
  const isTooMany = ids.length > IDENTITIES_MAX;
  const note = missing([
    ...(namespace.trim() === "" ? [words.namespace] : []),
    ...(ids.length === 0 ? [words.ids] : []),
  ]);
  return (
    <FormDialog
      title={words.addTitle}
      submitLabel={words.submit}
      isDisabled={note !== undefined || isTooMany}
      note={note}
      onClose={onClose}
      onSubmit={async () => {
        const people = ids.map((id) => ({ namespace: namespace.trim(), id }));
        const answered = await suppress(people, reason);
        const warnings = (answered.warnings ?? []).map((warning) => warning.message);
        showDone([words.added(answered.added, answered.known), ...new Set(warnings)].join(". "));
        await queries.invalidateQueries({ queryKey: ["suppressions"] });
      }}
    >
      {(problem) => (
        <>
          <ComboBox
            label={words.namespace}
            isRequired
            allowsCustomValue
            menuTrigger="focus"
            inputValue={namespace}
            onInputChange={setNamespace}
            items={[...names].sort().map((name) => ({ name }))}
            {...faultAt(problem, "/identities/0/namespace")}
            styles={full}
          >
            {({ name }) => <ComboBoxItem id={name}>{name}</ComboBoxItem>}
          </ComboBox>
          <TextArea
            label={words.ids}
            description={words.idsHelp}
            isRequired
            value={text}
            onChange={setText}
            isInvalid={isTooMany}
            errorMessage={words.tooMany(ids.length)}
            styles={full}
          />
          <div className={css.row}>
            <FromFile onText={setText} />
            <span className={css.quiet} role="status">
              {ids.length > 0 && words.count(ids.length)}
            </span>
          </div>
          <TextField
            label={words.reason}
            description={words.reasonHelp}
            maxLength={255}
            value={reason}
            onChange={setReason}
            styles={full}
          />
        </>
      )}
    </FormDialog>
  );
}

/** Takes the lines of a text file; the file itself goes nowhere. */
function FromFile({ onText }: { onText: (text: string) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const take = async (file: File | undefined) => {
    try {
      if (file) onText(await file.text());
    } catch (error) {
      showProblem(error, words.fromFile);
    }
  };
  return (
    <>
      <Button variant="secondary" size="S" onPress={() => input.current?.click()}>
        {words.fromFile}
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        accept=".txt,.csv,text/plain,text/csv"
        aria-label={words.fromFile}
        onChange={(event) => {
          void take(event.target.files?.[0]);
          // So that the same file can be read once more.
          event.target.value = "";
        }}
      />
    </>
  );
}
