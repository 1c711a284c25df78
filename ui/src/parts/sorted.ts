// Orders rows by a key of theirs. What has no key comes last, whatever the direction.

export type SortKey = string | number | boolean | undefined | null;

const names = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

export function sorted<T>(rows: T[], by: (row: T) => SortKey, direction: "ascending" | "descending"): T[] {
  const sign = direction === "ascending" ? 1 : -1;
  return [...rows].sort((left, right) => {
    const [a, b] = [by(left), by(right)];
    const [noA, noB] = [a === undefined || a === null, b === undefined || b === null];
    if (noA || noB) return Number(noA) - Number(noB);
    if (typeof a === "string" && typeof b === "string") return sign * names.compare(a, b);
    return sign * (Number(a) - Number(b));
  });
}
