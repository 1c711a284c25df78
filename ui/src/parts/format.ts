// Numbers, sizes and times as people read them. All times are UTC.

const count = new Intl.NumberFormat("en-US");
const decimal = new Intl.NumberFormat("en-US", { maximumFractionDigits: 1 });
const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

export function formatCount(value: number): string {
  return count.format(value);
}

/** A part of a whole, from 0 to 1, in percent: what is not all or nothing is never said to be. */
export function formatShare(share: number): string {
  const percent = share * 100;
  if (percent <= 0 || percent >= 100) return `${Math.round(percent)} %`;
  if (percent < 0.1) return "< 0.1 %";
  if (percent > 99.9) return "> 99.9 %";
  return `${decimal.format(percent)} %`;
}

export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${decimal.format(value)} ${UNITS[unit]}`;
}

/** `2026-11-27 06:00` in UTC, or `2026-11-27 06:00:09`: short, and the same in every country. */
export function formatTime(at: Date, seconds = false): string {
  return at
    .toISOString()
    .slice(0, seconds ? 19 : 16)
    .replace("T", " ");
}

export function formatLocalTime(at: Date): string {
  return local.format(at);
}

export function formatDuration(millis: number): string {
  if (millis < 1000) return `${Math.max(0, Math.round(millis))} ms`;
  const secs = Math.round(millis / 1000);
  if (secs < 60) return `${decimal.format(millis / 1000)} s`;
  const mins = Math.floor(secs / 60);
  if (mins < 60) return `${mins} min ${secs % 60} s`;
  return `${Math.floor(mins / 60)} h ${mins % 60} min`;
}

/** A time of the API: milliseconds since 1970, or RFC 3339. */
export function toDate(at: number | string | null | undefined): Date | undefined {
  if (at === null || at === undefined || at === "") return undefined;
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

const local = new Intl.DateTimeFormat("en-US", { dateStyle: "medium", timeStyle: "long" });

/** What the API says, which begins small and has no period, as a sentence. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  if (trimmed === "") return "";
  // A name at the beginning stays as it is spelled.
  const first = /^[a-z]+[ ,]/.test(trimmed) ? trimmed.charAt(0).toUpperCase() : trimmed.charAt(0);
  return first + trimmed.slice(1) + (/[.!?:`)]$/.test(trimmed) ? "" : ".");
}
