// Moves a row by mouse or touch, and by arrow keys.

import { type KeyboardEvent, type PointerEvent, useEffect, useRef } from "react";
import own from "./activate.module.css";

const [GRIP_PX, DOTS_X, DOTS_Y] = [20, [7, 13], [4, 10, 16]];

/** Two columns of dots: what can be taken hold of. */
function Grip() {
  return (
    <svg viewBox={`0 0 ${GRIP_PX} ${GRIP_PX}`} width={GRIP_PX} height={GRIP_PX} aria-hidden="true">
      {DOTS_X.flatMap((x) => DOTS_Y.map((y) => <circle key={`${x} ${y}`} cx={x} cy={y} r={1.6} fill="currentColor" />))}
    </svg>
  );
}

type Props = {
  label: string;
  at: number;
  rows: number;
  /** Told while the row moves; the row is then at `to`. */
  onMove: (from: number, to: number) => void;
  /** Whether this row was moved last, and keeps the focus. */
  isMoved: boolean;
};

export function MoveHandle({ label, at, rows, onMove, isMoved }: Props) {
  const button = useRef<HTMLButtonElement>(null);
  const place = useRef(at);
  place.current = at;
  // A row that changes its place in the page loses the focus.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `at` is when it happens
  useEffect(() => {
    if (isMoved) button.current?.focus();
  }, [isMoved, at]);

  const byKey = (event: KeyboardEvent) => {
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: rows - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    if (to >= 0 && to < rows && to !== at) onMove(at, to);
  };
  const byPointer = (down: PointerEvent) => {
    if (down.button !== 0) return;
    down.preventDefault();
    button.current?.focus();
    const move = (event: globalThis.PointerEvent) => {
      const row = document.elementFromPoint(event.clientX, event.clientY)?.closest<HTMLElement>("tr[data-at]");
      const to = Number(row?.dataset.at ?? Number.NaN);
      if (!Number.isNaN(to) && to !== place.current) onMove(place.current, to);
    };
    const end = () => {
      window.removeEventListener("pointermove", move);
      window.removeEventListener("pointerup", end);
      window.removeEventListener("pointercancel", end);
    };
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", end);
    window.addEventListener("pointercancel", end);
  };
  return (
    <button
      ref={button}
      type="button"
      className={own.handle}
      aria-label={label}
      onKeyDown={byKey}
      onPointerDown={byPointer}
    >
      <Grip />
    </button>
  );
}
