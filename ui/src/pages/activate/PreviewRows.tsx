// The first rows or messages, as the server would write them for the draft as it is now.

import { Picker, PickerItem, Switch } from "@react-spectrum/s2";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Problem } from "../../api/problem";
import { previewRows, type RowsPreview } from "../../api/rowsPreview";
import type { Flow } from "../../api/shapes";
import { ErrorState } from "../../parts/ErrorState";
import { PageLoading } from "../../parts/PageLoading";
import { useSettled } from "../../parts/useSettled";
import { NONE } from "../../parts/values";
import css from "../../parts/wizard.module.css";
import { activate as room } from "../../strings/en/activate";
import { MaskAll, Masked, type Masks, useMasks } from "../datasets/masks";
import { type ProfileColumn, useProfileColumns } from "../datasets/useProfileColumns";
import own from "./activate.module.css";
import type { ActivateDraft } from "./draft";
import { isSensitivePath, maskedMessage } from "./sensitive";

const words = room.preview;
const ROWS = 5;
const SETTLED_MILLIS = 500;
const VALUES = "values";

/** `flow` is as it would be saved. */
export function PreviewRows({ flow, draft }: { flow: Flow; draft: ActivateDraft }) {
  const [asked, setAsked] = useState<string>();
  const id = draft.segments.some((one) => one.id === asked) ? asked : draft.segments[0]?.id;
  const settled = useSettled(JSON.stringify([id, flow.transformations, flow.policy]), SETTLED_MILLIS);
  const query = useQuery({
    queryKey: ["rowsPreview", flow.id, settled],
    queryFn: () => previewRows(flow as never, id ?? "", ROWS),
    enabled: id !== undefined && draft.rows.length > 0,
    placeholderData: keepPreviousData,
    retry: false,
    // What it shows of people is not kept.
    gcTime: 0,
  });
  if (id === undefined || draft.rows.length === 0) return null;
  return (
    <section className={css.panel} aria-label={words.title} aria-busy={query.isFetching}>
      <div className={css.bar}>
        <h3>{words.title}</h3>
        {draft.segments.length > 1 && (
          <Picker
            aria-label={words.of}
            size="S"
            items={draft.segments}
            selectedKey={id}
            onSelectionChange={(key) => setAsked(String(key))}
          >
            {(one) => <PickerItem id={one.id}>{one.name}</PickerItem>}
          </Picker>
        )}
      </div>
      {query.isError ? (
        <Refused error={query.error} onRetry={() => void query.refetch()} />
      ) : query.data ? (
        <Shown preview={query.data} draft={draft} />
      ) : (
        <PageLoading lines={ROWS} />
      )}
      {!query.isError && <p className={css.quiet}>{words.text}</p>}
    </section>
  );
}

/** What policies forbid is not shown, and what is wrong with the draft is said at the step where it is mended. */
function Refused({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const problem = Problem.from(error);
  if (problem.body.violations) return <p>{words.forbidden}</p>;
  if (problem.fields.length > 0) {
    return <p>{words.notYet(problem.fields.map(({ message }) => message).join("; "))}</p>;
  }
  return <ErrorState error={problem} wanted={words.title} onRetry={onRetry} />;
}

function Shown({ preview, draft }: { preview: RowsPreview; draft: ActivateDraft }) {
  const [isText, setText] = useState(false);
  const fields = useProfileColumns() ?? [];
  const isSensitive = draft.rows.map((row) => isSensitivePath(row.path, fields));
  const masks = useMasks(preview.messages || isSensitive.includes(true) ? [VALUES] : []);
  const isMasked = masks.hides(VALUES);
  if (preview.profiles === 0) return <p>{words.empty}</p>;
  return (
    <>
      <div className={css.bar}>
        <MaskAll masks={masks} />
        {typeof preview.text === "string" && preview.rows && (
          <Switch isSelected={isText && !isMasked} isDisabled={isMasked} onChange={setText}>
            {words.asWritten}
          </Switch>
        )}
      </div>
      {preview.messages ? (
        <Messages messages={preview.messages} masks={masks} fields={fields} />
      ) : isText && !isMasked ? (
        <Code>{preview.text ?? ""}</Code>
      ) : (
        <Rows preview={preview} isHidden={isSensitive.map((one) => one && isMasked)} />
      )}
      {preview.truncated && <p className={css.quiet}>{words.more(preview.profiles)}</p>}
    </>
  );
}

function Rows({ preview, isHidden }: { preview: RowsPreview; isHidden: boolean[] }) {
  const columns = preview.columns ?? [];
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className={css.scroll} aria-label={words.rows} tabIndex={0}>
      <table className={`${css.table} ${own.preview}`}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {(preview.rows ?? []).map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows have no key, and do not change their order
            <tr key={index}>
              {columns.map((column, at) => (
                <td key={column}>{isHidden[at] && row[at] ? <Masked /> : (row[at] ?? NONE)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

type MessagesProps = { messages: Record<string, unknown>[]; masks: Masks; fields: ProfileColumn[] };

function Messages({ messages, masks, fields }: MessagesProps) {
  const shown = messages.map((message) => (masks.hides(VALUES) ? maskedMessage(message, fields) : message));
  return <Code>{shown.map((message) => JSON.stringify(message, null, 2)).join("\n")}</Code>;
}

function Code({ children }: { children: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <pre className={own.written} tabIndex={0}>
      {children}
    </pre>
  );
}
