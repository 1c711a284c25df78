// What only those may do who may change things. The server decides; this hides what it would refuse.

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { mayWrite, sessionQuery } from "../api/session";

export function useMayWrite(): boolean {
  const { data } = useQuery(sessionQuery);
  return data !== undefined && mayWrite(data);
}

export function WriteOnly({ children }: { children: ReactNode }) {
  return useMayWrite() ? children : null;
}
