// Taking the log along, and checking that it is what was written.

import { Button, Content, InlineAlert } from "@react-spectrum/s2";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { type AuditFilter, checkAudit, exportAudit } from "../../api/audit";
import { ConfirmDialog } from "../../parts/ConfirmDialog";
import css from "../../parts/page.module.css";
import { showDone, showProblem } from "../../parts/toast";
import { audit as words } from "../../strings/en/audit";

export function AuditTools({ filter }: { filter: AuditFilter }) {
  const [isAsked, setAsked] = useState(false);
  const [records, setRecords] = useState(0);
  const check = useMutation({ mutationFn: () => checkAudit(filter.server === true, setRecords) });
  const save = useMutation({
    mutationFn: () => exportAudit(filter),
    onSuccess: (blob) => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = `audit-${new Date().toISOString().slice(0, 10)}.ndjson`;
      link.click();
      URL.revokeObjectURL(link.href);
      showDone(words.exported);
    },
    onError: (error) => showProblem(error, words.export),
  });
  return (
    <>
      <Button variant="secondary" isPending={save.isPending} onPress={() => save.mutate()}>
        {words.export}
      </Button>
      <Button variant="secondary" onPress={() => setAsked(true)}>
        {words.check}
      </Button>
      {isAsked && (
        <ConfirmDialog
          title={words.check}
          confirmLabel={words.check}
          isStaying
          onConfirm={async () => {
            setRecords(0);
            await check.mutateAsync();
          }}
          onClose={() => {
            setAsked(false);
            check.reset();
          }}
        >
          <div className={css.form}>
            <p className={css.text}>{words.checkHelp}</p>
            {check.isPending && <p role="status">{words.checking(records)}</p>}
            {check.data && (
              <InlineAlert variant={check.data.isIntact ? "positive" : "negative"}>
                <Content>
                  {check.data.isIntact ? words.intact(check.data.records) : words.broken(check.data.brokenAt ?? 0)}
                </Content>
              </InlineAlert>
            )}
          </div>
        </ConfirmDialog>
      )}
    </>
  );
}
