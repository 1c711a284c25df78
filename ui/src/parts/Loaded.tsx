// A query's three ends: not there yet, failed, there.

import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ErrorState } from "./ErrorState";
import { PageLoading } from "./PageLoading";

type Props<T> = { query: UseQueryResult<T>; lines?: number; children: (data: T) => ReactNode };

export function Loaded<T>({ query, lines, children }: Props<T>) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return <PageLoading lines={lines} />;
}
