// Marketing actions are referred to by addresses; people know them by their names.

import { useQuery } from "@tanstack/react-query";
import type { MarketingAction } from "../api/dataShapes";
import { marketingActionsQuery } from "../api/governance";

/** Which marketing action an address means, whatever stands before it: `core/emailTargeting`. */
export function keyOfRef(ref: string): string {
  return ref.split("/").slice(-2).map(decodeURIComponent).join("/");
}

/** The name at the end of a marketing action's address. */
export function nameOfRef(ref: string): string {
  return decodeURIComponent(ref.split("/").at(-1) ?? ref);
}

/** Names the actions at these addresses as people call them, each once; those that are not on the list, by their address. */
export function namesOf(actions: MarketingAction[]): (refs: string[]) => string {
  const names = new Map(actions.map(({ ref, name, friendlyName }) => [keyOfRef(ref), friendlyName ?? name]));
  return (refs) => [...new Set(refs.map((ref) => names.get(keyOfRef(ref)) ?? nameOfRef(ref)))].join(", ");
}

/** The same with the actions that there are. */
export function useActionNames(): (refs: string[]) => string {
  const { data = [] } = useQuery(marketingActionsQuery);
  return namesOf(data);
}
