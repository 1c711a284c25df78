// The button that goes on. While it cannot, it says beside itself why: a button that is switched off tells nobody who uses
// the keyboard or hears the page.

import { Button, LinkButton } from "@react-spectrum/s2";
import { useId } from "react";
import { wizard as words } from "../strings/en/wizard";
import css from "./wizard.module.css";

/** Why one cannot go on while something is not filled in: what that is. */
export function missing(labels: string[]): string | undefined {
  return labels.length === 0 ? undefined : words.missing(labels.join(", "));
}

type Props = {
  label: string;
  /** Why one cannot go on; nothing where one can. */
  block?: string;
  isPending?: boolean;
  variant?: "accent" | "secondary";
} & ({ onPress: () => void } | { href: string });

export function GoOn({ label, block, isPending, variant = "accent", ...does }: Props) {
  const id = useId();
  const shared = { variant, isDisabled: block !== undefined, ...(block !== undefined && { "aria-describedby": id }) };
  return (
    <>
      <span id={id} className={css.block} aria-live="polite">
        {block}
      </span>
      {"href" in does ? (
        <LinkButton {...shared} href={block === undefined ? does.href : undefined}>
          {label}
        </LinkButton>
      ) : (
        <Button {...shared} isPending={isPending} onPress={does.onPress}>
          {label}
        </Button>
      )}
    </>
  );
}
