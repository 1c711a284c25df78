// Into the wizards: configure while there is no destination of the kind, activate once there is one.

import { LinkButton } from "@react-spectrum/s2";
import type { Spec } from "../../api/shapes";
import { useSearch } from "../../parts/useSearch";
import { WriteOnly } from "../../parts/WriteOnly";
import { paths } from "../../paths";
import { destinations as room } from "../../strings/en/destinations";

const words = room.catalog;

/** `flows` is how many destinations of the kind there are. With `hasBoth`, another one can be configured beside. */
export function CatalogActions({ spec, flows, hasBoth = false }: { spec: Spec; flows: number; hasBoth?: boolean }) {
  // What one came to activate goes along.
  const [{ segment }] = useSearch<"segment">();
  const activate = flows > 0 && (
    <LinkButton
      size="S"
      variant="accent"
      href={paths.activateOne({ spec: spec.id, segment })}
      aria-label={words.activateOf(spec.name)}
    >
      {words.activate}
    </LinkButton>
  );
  const configure = (flows === 0 || hasBoth) && (
    <LinkButton
      size="S"
      variant={flows === 0 ? "accent" : "secondary"}
      href={paths.configure(spec.id, { segment })}
      aria-label={words.configureOf(spec.name)}
    >
      {words.configure}
    </LinkButton>
  );
  return (
    <WriteOnly>
      {activate}
      {configure}
    </WriteOnly>
  );
}
