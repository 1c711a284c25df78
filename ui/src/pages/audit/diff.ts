// What differs between two JSON values, member by member.

import type { Json } from "../../api/dataShapes";

export type Difference = { path: string; before?: Json; after?: Json };

/** Members that change with every write. */
const INCIDENTAL = new Set(["etag", "version", "updatedAt", "updatedBy", "updatedClient", "updateTime", "updateEpoch"]);

/** In the order of the members. A list is compared by places, but for what was put in or taken out as a whole. */
export function differences(before: Json | undefined, after: Json | undefined): Difference[] {
  return compare("", before, after).filter(({ path }) => !INCIDENTAL.has(path));
}

function compare(path: string, before: Json | undefined, after: Json | undefined): Difference[] {
  if (before === undefined && after === undefined) return [];
  if (Array.isArray(before) && Array.isArray(after)) return compareLists(path, before, after);
  if (isObject(before) && isObject(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.flatMap((name) => compare(path === "" ? name : `${path}.${name}`, before[name], after[name]));
  }
  if (isSame(before, after)) return [];
  return [{ path, ...(before !== undefined && { before }), ...(after !== undefined && { after }) }];
}

function compareLists(path: string, before: Json[], after: Json[]): Difference[] {
  let start = 0;
  while (start < before.length && start < after.length && isSame(before[start], after[start])) start += 1;
  let end = 0;
  const least = Math.min(before.length, after.length) - start;
  while (end < least && isSame(before[before.length - 1 - end], after[after.length - 1 - end])) end += 1;
  const [was, is] = [before.slice(start, before.length - end), after.slice(start, after.length - end)];
  // What is left in the middle: the same number was changed in place, else some were put in or taken out.
  if (was.length === is.length) return was.flatMap((one, at) => compare(`${path}[${start + at}]`, one, is[at]));
  const left = was.filter((one) => !is.some((other) => isSame(one, other)));
  const added = is.filter((one) => !was.some((other) => isSame(one, other)));
  if (left.length === 0 && added.length === 0) return [{ path, before, after }];
  return [
    ...left.map((one) => ({ path: `${path}[]`, before: one })),
    ...added.map((one) => ({ path: `${path}[]`, after: one })),
  ];
}

function isObject(value: Json | undefined): value is { [member: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSame(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((one, at) => isSame(one, b[at]));
  if (!isObject(a) || !isObject(b)) return false;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => name in b && isSame(a[name], b[name]));
}
