// Fields that many forms have, and what the API says of a field.

import { TextField } from "@react-spectrum/s2";
import { style } from "@react-spectrum/s2/style" with { type: "macro" };
import type { Problem } from "../api/problem";

/** What the API says of one field of what was sent, as fields take it. */
export function faultAt(problem: Problem | undefined, pointer: string) {
  const errorMessage = problem?.field(pointer);
  return { isInvalid: errorMessage !== undefined, errorMessage };
}

const full = style({ width: "full" });

type Named = { name: string; description: string };
type Props = {
  /** What the two are called. */
  labels: Named;
  value: Named;
  onChange: (part: Partial<Named>) => void;
  problem?: Problem;
  nameHelp?: string;
  autoFocus?: boolean;
};

export function NameFields({ labels, value, onChange, problem, nameHelp, autoFocus }: Props) {
  return (
    <>
      <TextField
        label={labels.name}
        description={nameHelp}
        isRequired
        autoFocus={autoFocus}
        value={value.name}
        onChange={(name) => onChange({ name })}
        {...faultAt(problem, "/name")}
        styles={full}
      />
      <TextField
        label={labels.description}
        value={value.description}
        onChange={(description) => onChange({ description })}
        {...faultAt(problem, "/description")}
        styles={full}
      />
    </>
  );
}
