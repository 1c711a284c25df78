// What will be saved: segments with their schedules, the mapping, the actions; and what of it is new.

import { Badge, Switch } from "@react-spectrum/s2";
import { useState } from "react";
import { Anchor } from "../../parts/Anchor";
import { useActionNames } from "../../parts/actionNames";
import { membershipMember } from "../../parts/fieldPath";
import { Section } from "../../parts/Section";
import css from "../../parts/wizard.module.css";
import { paths } from "../../paths";
import { activate as room } from "../../strings/en/activate";
import own from "./activate.module.css";
import { type ActivateDraft, changesOf, type DraftRow, type DraftSegment, headerOf } from "./draft";
import { scheduleText } from "./scheduleText";

const words = room.review;

type Props = {
  flowId: string;
  before: ActivateDraft;
  draft: ActivateDraft;
  isBatch: boolean;
  /** What a segment's next file will be called. */
  fileOf: (segment: DraftSegment) => string;
  /** References, those of the target included. */
  references: string[];
};

export function ReviewSummary({ flowId, before, draft, isBatch, fileOf, references }: Props) {
  const [isOnlyChanges, setOnlyChanges] = useState(false);
  const changes = changesOf(before, draft);
  const segments = draft.segments.filter((one) => !isOnlyChanges || changes.segment(one));
  const rows = draft.rows.filter((row) => !isOnlyChanges || changes.row(row));
  const edit = (step: string) => (
    <Anchor to={paths.activate(flowId, { step })} aria-label={words.goTo(step)}>
      {words.edit}
    </Anchor>
  );
  const actionNames = useActionNames();
  return (
    <>
      <Switch isSelected={isOnlyChanges} onChange={setOnlyChanges}>
        {words.onlyChanges}
      </Switch>
      <Section title={words.segments} tools={edit(isBatch ? "schedule" : "segments")}>
        {segments.length + changes.removed.length === 0 && <p className={css.quiet}>{words.noChanges}</p>}
        <ul className={own.summary}>
          {segments.map((one) => (
            <li key={one.id}>
              <span className={own.named}>
                {one.name} <Change kind={changes.segment(one)} />
              </span>
              {isBatch && (
                <span className={css.quiet}>
                  {room.schedule.modes[one.export.exportMode]}, {scheduleText(one.export.schedule)}
                  <span className={own.file}>
                    {words.template}: <code>{one.template}</code>
                  </span>
                  <span className={own.file}>
                    {words.example}: <code>{fileOf(one)}</code>
                  </span>
                </span>
              )}
            </li>
          ))}
          {changes.removed.map((one) => (
            <li key={one.id}>
              <span className={own.named}>
                <s>{one.name}</s>
                <Badge size="S" variant="negative" fillStyle="subtle">
                  {words.removed}
                </Badge>
              </span>
            </li>
          ))}
        </ul>
      </Section>
      <Section title={words.mapping} tools={edit("mapping")}>
        {rows.length === 0 && <p className={css.quiet}>{words.noChanges}</p>}
        <div className={css.scroll}>
          <table className={css.table} aria-label={words.mapping}>
            <tbody>
              {rows.map((row) => (
                <tr key={row.key}>
                  <td>
                    <span className={own.named}>
                      {room.fields.memberships[membershipMember(row.path) ?? ""] ?? row.path}{" "}
                      <Change kind={changes.row(row)} />
                    </span>
                  </td>
                  {isBatch && <td className={css.names}>{headerOf(row)}</td>}
                  {isBatch && <td>{rolesOf(row, draft)}</td>}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        {draft.namespace !== "" && (
          <p>
            {room.mapping.dedup}: {room.mapping.dedupBy.namespace(draft.namespace)}
          </p>
        )}
      </Section>
      {!isBatch && (
        <Section title={room.triggers.label} tools={edit("triggers")}>
          <ul className={own.notes}>
            {(["segmentation", "attributes", "identities"] as const)
              .filter((kind) => draft.triggers[kind])
              .map((kind) => (
                <li key={kind}>{room.triggers[kind]}</li>
              ))}
          </ul>
        </Section>
      )}
      <Section title={words.actions}>
        <p>{actionNames(references) || words.noActions}</p>
      </Section>
    </>
  );
}

function rolesOf(row: DraftRow, draft: ActivateDraft): string {
  const roles = [
    draft.mandatory.includes(row.path) && room.mapping.mandatory,
    draft.keys.includes(row.path) && room.mapping.key,
  ];
  return roles.filter(Boolean).join(", ");
}

function Change({ kind }: { kind: "new" | "changed" | undefined }) {
  if (!kind) return null;
  return (
    <Badge size="S" variant={kind === "new" ? "positive" : "informative"} fillStyle="subtle">
      {words[kind]}
    </Badge>
  );
}
