// Single values: a time, a count, a size, a state.

import { StatusLight, type StatusLightProps } from "@react-spectrum/s2";
import { formatBytes, formatCount, formatLocalTime, formatTime, toDate } from "./format";
import css from "./parts.module.css";

export const NONE = "–";

type TimeProps = { at: number | string | null | undefined; seconds?: boolean };

/** A time in UTC, to the minute or the second; the local one shows on hover. */
export function Time({ at, seconds }: TimeProps) {
  const date = toDate(at);
  if (!date) return <span>{NONE}</span>;
  return (
    <time className={css.value} dateTime={date.toISOString()} title={formatLocalTime(date)}>
      {formatTime(date, seconds)}
    </time>
  );
}

export function Count({ value }: { value: number | null | undefined }) {
  return <span className={css.value}>{value === null || value === undefined ? NONE : formatCount(value)}</span>;
}

export function Bytes({ value }: { value: number | null | undefined }) {
  if (value === null || value === undefined) return <span>{NONE}</span>;
  return (
    <span className={css.value} title={`${formatCount(value)} bytes`}>
      {formatBytes(value)}
    </span>
  );
}

/** A state as a light with its name: the colour never says it alone. */
export function State({ variant, children }: { variant: StatusLightProps["variant"]; children: string }) {
  return (
    <StatusLight size="S" variant={variant} UNSAFE_className={css.state}>
      {children}
    </StatusLight>
  );
}
