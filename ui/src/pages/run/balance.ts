// The balance of a run: every profile that was read is in exactly one of its parts.

import type { Balance } from "../../api/shapes";
import { runs as room } from "../../strings/en/runs";

export type BalancePart = {
  id: string;
  label: string;
  value: number;
  role: "written" | "excluded" | "failed" | "outside";
};

const words = room.balance;

/** The parts that are not empty, and those that are always of interest. */
export function partsOf(balance: Balance): BalancePart[] {
  const excluded = Object.entries(balance.excluded).map(([reason, value]): BalancePart => {
    return { id: reason, label: words.reasons[reason] ?? reason, value, role: "excluded" };
  });
  const parts: BalancePart[] = [
    { id: "written", label: words.written, value: balance.profilesWritten, role: "written" },
    ...excluded,
    { id: "duplicates", label: words.duplicates, value: balance.duplicates, role: "excluded" },
    { id: "failed", label: words.failed, value: balance.failed, role: "failed" },
    { id: "notSelected", label: words.notSelected, value: balance.notSelected, role: "outside" },
  ];
  return parts.filter((part) => part.value > 0 || part.id === "written");
}

/** What the parts do not account for; anything but nothing is a defect that must not stay unseen. */
export function missingFrom(balance: Balance): number {
  return balance.profilesRead - partsOf(balance).reduce((sum, part) => sum + part.value, 0);
}
