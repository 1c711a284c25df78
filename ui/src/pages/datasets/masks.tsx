// Values that identify somebody: hidden until somebody asks for them, and again when they leave.

import { ActionButton, ToggleButton } from "@react-spectrum/s2";
import Visibility from "@react-spectrum/s2/icons/Visibility";
import VisibilityOff from "@react-spectrum/s2/icons/VisibilityOff";
import { useState } from "react";
import css from "../../parts/page.module.css";
import { datasets as room } from "../../strings/en/datasets";

const words = room.sample;

export type Masks = ReturnType<typeof useMasks>;

/** `hidden` names what is hidden at first. */
export function useMasks(hidden: string[]) {
  const [shown, setShown] = useState<Set<string>>(new Set());
  return {
    hides: (name: string) => hidden.includes(name) && !shown.has(name),
    canHide: (name: string) => hidden.includes(name),
    hasAny: hidden.length > 0,
    showsAny: shown.size > 0,
    all: (isOn: boolean) => setShown(isOn ? new Set(hidden) : new Set()),
    toggle: (name: string) => {
      const next = new Set(shown);
      if (!next.delete(name)) next.add(name);
      setShown(next);
    },
  };
}

/** Shows all of them, or hides them again. */
export function MaskAll({ masks }: { masks: Masks }) {
  if (!masks.hasAny) return null;
  return (
    <div className={css.row}>
      <ToggleButton isSelected={masks.showsAny} onChange={masks.all}>
        {masks.showsAny ? words.hide : words.show}
      </ToggleButton>
    </div>
  );
}

export function MaskToggle({ masks, name }: { masks: Masks; name: string }) {
  if (!masks.canHide(name)) return null;
  return (
    <ActionButton
      isQuiet
      size="XS"
      aria-label={masks.hides(name) ? words.showOf(name) : words.hideOf(name)}
      onPress={() => masks.toggle(name)}
    >
      {masks.hides(name) ? <Visibility /> : <VisibilityOff />}
    </ActionButton>
  );
}

export function Masked() {
  return (
    <span className={css.masked}>
      <span aria-hidden>••••••</span>
      <span className="visually-hidden">{words.masked}</span>
    </span>
  );
}
