// One mapped field: where it comes from, what its column is called, whether profiles need it, whether it deduplicates.

import { ActionButton, Checkbox, TextField } from "@react-spectrum/s2";
import Close from "@react-spectrum/s2/icons/Close";
import { style } from "@react-spectrum/s2/style" with { type: "macro" };
import { defaultHeader } from "../../parts/fieldPath";
import { formatShare } from "../../parts/format";
import { LabelChips } from "../../parts/LabelChips";
import css from "../../parts/wizard.module.css";
import { activate as room } from "../../strings/en/activate";
import own from "./activate.module.css";
import type { DraftRow } from "./draft";
import type { MapField } from "./fields";
import { MoveHandle } from "./MoveHandle";

const words = room.mapping;
const full = style({ width: "full" });

type Props = {
  row: DraftRow;
  field?: MapField;
  at: number;
  rows: number;
  isBatch: boolean;
  isMandatory: boolean;
  isKey: boolean;
  canBeKey: boolean;
  isMoved: boolean;
  problem?: string;
  onMove: (from: number, to: number) => void;
  onHeader: (header: string) => void;
  onMandatory: (isOn: boolean) => void;
  onKey: (isOn: boolean) => void;
  onRemove: () => void;
};

export function MappingRow(props: Props) {
  const { row, field, at, rows, isBatch, problem } = props;
  const name = field?.name ?? row.path;
  return (
    <tr data-at={at}>
      {isBatch && (
        <td>
          <MoveHandle
            label={words.move(name, at + 1, rows)}
            at={at}
            rows={rows}
            onMove={props.onMove}
            isMoved={props.isMoved}
          />
        </td>
      )}
      <td>
        <div className={css.names}>{name}</div>
        <span className={own.labels}>
          <span className={css.quiet}>
            {field?.type ?? words.notThere}
            {field?.share !== undefined && `, ${words.filled(formatShare(field.share))}`}
          </span>
          <LabelChips labels={(field?.labels ?? []).map((name) => ({ name }))} />
        </span>
        {!isBatch && problem && <span className={own.problem}>{problem}</span>}
      </td>
      {isBatch && (
        <>
          <td>
            <TextField
              aria-label={words.headerOf(name)}
              size="S"
              placeholder={defaultHeader(row.path)}
              value={row.header}
              onChange={props.onHeader}
              isInvalid={problem !== undefined}
              errorMessage={problem}
              styles={full}
            />
          </td>
          <td>
            <Checkbox
              aria-label={words.mandatoryOf(name)}
              isSelected={props.isMandatory}
              onChange={props.onMandatory}
            />
          </td>
          <td>
            <Checkbox
              aria-label={words.keyOf(name)}
              isSelected={props.isKey}
              isDisabled={!props.canBeKey && !props.isKey}
              onChange={props.onKey}
            />
          </td>
        </>
      )}
      <td>
        <ActionButton isQuiet size="S" aria-label={words.remove(name)} onPress={props.onRemove}>
          <Close />
        </ActionButton>
      </td>
    </tr>
  );
}
