// Names of files with macros, as far as showing and editing them takes: the server has the last word.

export const DEFAULT_TEMPLATE = "%DESTINATION_NAME%_segment%SEGMENT_ID%_%DATETIME(YYYYMMddHHmmss)%";
/** The longest name that targets take, in bytes. */
export const NAME_BYTES_MAX = 255;
/** What is added while a file is written, and for part 10,000. */
const RESERVED_BYTES = ".00000000.part".length + "_10000".length;
const DATETIME_DEFAULT = "YYYYMMdd_HHmmss";

export type Macro = { id: string; text: string; isMandatory?: boolean; isDated?: boolean };

/** In the order in which they are offered. */
export const MACROS: Macro[] = [
  { id: "destinationName", text: "%DESTINATION_NAME%", isMandatory: true },
  { id: "segmentId", text: "%SEGMENT_ID%", isMandatory: true },
  { id: "segmentName", text: "%SEGMENT_NAME%" },
  { id: "dateTime", text: "%DATETIME(YYYYMMddHHmmss)%", isDated: true },
  { id: "monthFirst", text: "%DATETIME(MMDDYYYY_HHMMSS)%", isDated: true },
  { id: "unixTime", text: "%TIMESTAMP%", isDated: true },
  { id: "destinationId", text: "%DESTINATION_INSTANCE_ID%" },
  { id: "organization", text: "%ORGANIZATION_NAME%" },
  { id: "sandbox", text: "%SANDBOX_NAME%" },
];

export type NameFacts = {
  destinationName: string;
  destinationId: string;
  segmentId: string;
  segmentName: string;
  organization: string;
  sandbox: string;
  at: Date;
};

const TOKEN = /%%|%([A-Z_]+)(?:\(([^)%]*)\))?%/g;

/** The name, without extension; macros that are not known stay as they are. */
export function renderName(template: string, facts: NameFacts): string {
  return template.replaceAll(TOKEN, (text: string, name?: string, argument?: string) => {
    if (text === "%%") return "%";
    const value = macroValue(name ?? "", argument, facts);
    return value === undefined ? text : safe(value);
  });
}

function macroValue(name: string, argument: string | undefined, facts: NameFacts): string | undefined {
  switch (name) {
    case "DESTINATION_NAME":
    case "DESTINATION":
    case "DESTINATION_INSTANCE_NAME":
      return facts.destinationName;
    case "DESTINATION_INSTANCE_ID":
      return facts.destinationId;
    case "SEGMENT_ID":
      return facts.segmentId;
    case "SEGMENT_NAME":
      return facts.segmentName;
    case "ORGANIZATION_NAME":
      return facts.organization;
    case "SANDBOX_NAME":
      return facts.sandbox;
    case "TIMESTAMP":
      return String(Math.floor(facts.at.getTime() / 1000));
    case "DATETIME":
      return renderDate(argument ?? DATETIME_DEFAULT, facts.at);
    default:
      return undefined;
  }
}

/** A name can neither end in another folder nor hold what no file system takes. */
function safe(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced
  return value.replaceAll(/[/\\\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, "_");
}

/** `MM` and `mm` are minutes right after hours, and the month elsewhere. */
export function renderDate(pattern: string, at: Date): string {
  let isAfterHour = false;
  return pattern.replaceAll(/'([^']*)'|YYYY|yyyy|SSS|MM|mm|DD|dd|HH|SS|ss/g, (field: string, quoted?: string) => {
    if (quoted !== undefined) return quoted;
    const wasAfterHour = isAfterHour;
    isAfterHour = field === "HH";
    switch (field) {
      case "YYYY":
      case "yyyy":
        return String(at.getUTCFullYear()).padStart(4, "0");
      case "MM":
      case "mm":
        return two(wasAfterHour ? at.getUTCMinutes() : at.getUTCMonth() + 1);
      case "DD":
      case "dd":
        return two(at.getUTCDate());
      case "HH":
        return two(at.getUTCHours());
      case "SSS":
        return String(at.getUTCMilliseconds()).padStart(3, "0");
      default:
        return two(at.getUTCSeconds());
    }
  });
}

const two = (value: number) => String(value).padStart(2, "0");

export type NameProblem = "unknownMacro" | "noDestination" | "noSegment" | "twoTimes" | "separator" | "tooLong";

/** What is wrong with a template; `bytes` is how long the name comes out, extension and all. */
export function nameProblems(template: string, rendered: string, extension: string): NameProblem[] {
  const problems: NameProblem[] = [];
  const names = [...template.matchAll(TOKEN)].map((token) => token[1]).filter((name) => name !== undefined);
  const literal = template.replaceAll(TOKEN, "");
  const known = new Set(["DESTINATION", "DESTINATION_INSTANCE_NAME", "DATETIME", ...MACROS.map(nameOf)]);
  if (literal.includes("%") || names.some((name) => !known.has(name))) problems.push("unknownMacro");
  if (!names.some((name) => name.startsWith("DESTINATION"))) problems.push("noDestination");
  if (!names.includes("SEGMENT_ID")) problems.push("noSegment");
  if (names.includes("DATETIME") && names.includes("TIMESTAMP")) problems.push("twoTimes");
  if (/[/\\]/.test(literal)) problems.push("separator");
  if (nameBytes(rendered, extension) > NAME_BYTES_MAX) problems.push("tooLong");
  return problems;
}

/** The longest that a file of this name is called, in bytes. */
export function nameBytes(rendered: string, extension: string): number {
  return new TextEncoder().encode(`${rendered}.${extension}`).length + RESERVED_BYTES;
}

function nameOf(macro: Macro): string {
  return macro.text.replaceAll(/%|\(.*\)/g, "");
}

/** Whether a name tells one run from the next; any other is overwritten by each. */
export function isDated(template: string): boolean {
  return /%(DATETIME(\([^)%]*\))?|TIMESTAMP)%/.test(template);
}

export function hasMacro(template: string, macro: Macro): boolean {
  return textOf(template, macro) !== undefined;
}

/** How a macro is written in a template: dates may have any pattern. */
function textOf(template: string, macro: Macro): string | undefined {
  if (macro.id !== "dateTime") return template.includes(macro.text) ? macro.text : undefined;
  const dates = [...template.matchAll(/%DATETIME(?:\([^)%]*\))?%/g)].map((date) => date[0]);
  return dates.find((date) => !MACROS.some((other) => other !== macro && other.text === date));
}

/** Puts a macro at the end, or takes it out with the underscore before it. Of two kinds of time there is one. */
export function toggleMacro(template: string, macro: Macro): string {
  const text = textOf(template, macro);
  if (text !== undefined) return without(template, text);
  const others = macro.isDated ? [...template.matchAll(/%(?:DATETIME(?:\([^)%]*\))?|TIMESTAMP)%/g)] : [];
  const base = others.reduce((text, other) => without(text, other[0]), template);
  return base === "" ? macro.text : `${base}_${macro.text}`;
}

function without(template: string, text: string): string {
  const cut = template.includes(`_${text}`) ? template.replace(`_${text}`, "") : template.replace(text, "");
  return cut.replace(/^_/, "");
}

/** What stands behind a name: format, compression, encryption. */
export function extensionOf(params: Record<string, unknown>, isEncrypted: boolean): string {
  const format = String(params.fileType ?? params.format ?? "CSV").toLowerCase();
  const outer = { GZIP: ".gz", ZSTD: ".zst" }[String(params.compression ?? "NONE")] ?? "";
  return `${format}${outer}${isEncrypted ? ".gpg" : ""}`;
}

/** The whole name of a run's first file. A name that already ends in the extension has it once. */
export function fileName(rendered: string, extension: string): string {
  return rendered.toLowerCase().endsWith(`.${extension}`) ? rendered : `${rendered}.${extension}`;
}

/** The folder of a segment's files. */
export function renderFolder(path: string, facts: Pick<NameFacts, "segmentId" | "segmentName">): string {
  return path
    .replaceAll("%SEGMENT_ID%", safe(facts.segmentId))
    .replaceAll("%SEGMENT_NAME%", safe(facts.segmentName))
    .replace(/\/$/, "");
}
