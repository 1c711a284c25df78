// What only those may do who may change things. The server decides; this hides or disables what it would refuse, and says
// why.

import { Button } from "@react-spectrum/s2";
import { useQuery } from "@tanstack/react-query";
import type { ComponentProps, ReactNode } from "react";
import { may, type Scope, sessionQuery } from "../api/session";
import { t } from "../strings/en";
import { EmptyState } from "./EmptyState";
import css from "./parts.module.css";

export function useMay(needs: Scope): boolean {
  const { data } = useQuery(sessionQuery);
  return data !== undefined && may(data, needs);
}

export function useMayWrite(): boolean {
  return useMay("write");
}

/** Is not there at all for others. */
export function WriteOnly({ children }: { children: ReactNode }) {
  return useMayWrite() ? children : null;
}

type WritingProps = { needs?: Scope; children: (isBarred: boolean) => ReactNode };

/** A control that others see, too: disabled, with the reason on hover and for those who do not see it. */
export function Writing({ needs = "write", children }: WritingProps) {
  const may = useMay(needs);
  return <Barred why={may ? undefined : t.access[needs]}>{children}</Barred>;
}

type BarredProps = { why: string | undefined; children: (isBarred: boolean) => ReactNode };

/** A control that is disabled, if there is a reason: that is told on hover, and to those who do not see it. */
export function Barred({ why, children }: BarredProps) {
  if (why === undefined) return children(false);
  return (
    <span className={css.barred} title={why}>
      {children(true)}
      <span className="visually-hidden">{why}</span>
    </span>
  );
}

export function WriteButton({ needs, isDisabled, ...props }: ComponentProps<typeof Button> & { needs?: Scope }) {
  return <Writing needs={needs}>{(isBarred) => <Button {...props} isDisabled={isDisabled || isBarred} />}</Writing>;
}

/** In place of a page of which others could not even see anything. */
export function Needs({ scope = "write", children }: { scope?: Scope; children: ReactNode }) {
  if (useMay(scope)) return children;
  return <EmptyState title={t.access.title}>{t.access[scope]}</EmptyState>;
}
