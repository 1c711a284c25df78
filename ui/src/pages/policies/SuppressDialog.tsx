// Keeps people out of exports, by identities that are typed or come from a file.

import { Button, ComboBox, ComboBoxItem, TextArea, TextField } from "@react-spectrum/s2";
import { style } from "@react-spectrum/s2/style" with { type: "macro" };
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { datasetsQuery } from "../../api/datasets";
import { type Person, suppress } from "../../api/people";
import { FormDialog } from "../../parts/FormDialog";
import { faultAt } from "../../parts/formFields";
import { missing } from "../../parts/GoOn";
import css from "../../parts/page.module.css";
import { showDone, showProblem } from "../../parts/toast";
import { policies as room } from "../../strings/en/policies";
import { linesOf } from "./identityLines";

const words = room.suppressions;
const full = style({ width: "full" });
/** What one request takes: more are sent one after the other. */
const IDENTITIES_MAX = 10_000;
/** More than that is not put into a field that shows all of it. */
const SHOWN_MAX = 200;

export function SuppressDialog({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const datasets = useQuery(datasetsQuery);
  const [namespace, setNamespace] = useState("");
  const [text, setText] = useState("");
  const [reason, setReason] = useState("");
  const ids = linesOf(text);
  const names = new Set(datasets.data?.items.flatMap((dataset) => dataset.identities.map((one) => one.namespace)));
  const note = missing([
    ...(namespace.trim() === "" ? [words.namespace] : []),
    ...(ids.length === 0 ? [words.ids] : []),
  ]);
  return (
    <FormDialog
      title={words.addTitle}
      submitLabel={words.submit}
      isDisabled={note !== undefined}
      note={note}
      onClose={onClose}
      onSubmit={async () => {
        const answered = await suppressAll(
          ids.map((id) => ({ namespace: namespace.trim(), id })),
          reason,
        );
        showDone([words.added(answered.added, answered.known), ...answered.warnings].join(". "));
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
          {ids.length <= SHOWN_MAX && (
            <TextArea
              label={words.ids}
              description={words.idsHelp}
              isRequired
              value={text}
              onChange={setText}
              styles={full}
            />
          )}
          <div className={css.row}>
            <FromFile onText={setText} />
            <span className={css.quiet} role="status">
              {ids.length > 0 && words.count(ids.length)}
            </span>
            {ids.length > SHOWN_MAX && (
              <Button variant="secondary" fillStyle="outline" size="S" onPress={() => setText("")}>
                {words.clear}
              </Button>
            )}
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

/** As many requests as it takes. All of it can be sent again: who is on the list already stays there. */
async function suppressAll(people: Person[], reason: string) {
  const sum = { added: 0, known: 0, warnings: new Set<string>() };
  for (let at = 0; at < people.length; at += IDENTITIES_MAX) {
    const { added, known, warnings } = await suppress(people.slice(at, at + IDENTITIES_MAX), reason);
    sum.added += added;
    sum.known += known;
    for (const { message } of warnings ?? []) sum.warnings.add(message);
  }
  return sum;
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
