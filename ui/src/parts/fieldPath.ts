// Paths to fields of profiles, as mappings and rules write them: `person.name`, `phones[0].number`, `` `odd name`.x ``.

export type Step = string | number;

/** The steps of a path; nothing where it is none. */
export function parsePath(path: string): Step[] | undefined {
  const steps: Step[] = [];
  let rest = path;
  while (rest !== "") {
    const match = /^(?:`((?:[^`]|``)+)`|([^.[\]`]+))((?:\[\d+\])*)(\.|$)/.exec(rest);
    if (!match || (match[4] === "." && rest.length === match[0].length)) return undefined;
    steps.push(match[1]?.replaceAll("``", "`") ?? match[2] ?? "");
    for (const index of (match[3] ?? "").matchAll(/\d+/g)) steps.push(Number(index[0]));
    rest = rest.slice(match[0].length);
  }
  return steps.length > 0 ? steps : undefined;
}

/** What a path leads to in a profile. */
export function valueAt(profile: unknown, path: string): unknown {
  let value = profile;
  for (const step of parsePath(path) ?? [""]) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<Step, unknown>)[step];
  }
  return value;
}

/** Whether a value counts as data: not missing, not empty. */
export function hasData(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}

const ACTIVATED = /^segmentMembership\.(?:seg_namespace\.seg_id\.)?(status|lastQualificationTime)$/;

/** The member of the exported segment's own membership that a path names. */
export function membershipMember(path: string): string | undefined {
  return ACTIVATED.exec(path)?.[1];
}

/** The path with the exported segment's membership written in one way. */
export function canonicalPath(path: string): string {
  const member = membershipMember(path);
  return member ? `segmentMembership.seg_namespace.seg_id.${member}` : path;
}

/** The header that a column has unless another is given. */
export function defaultHeader(path: string): string {
  const member = membershipMember(path);
  if (member) return `segmentMembership_${member}`;
  return (parsePath(path) ?? [path]).join(".").replaceAll(/[.[\]]+/g, "_");
}
