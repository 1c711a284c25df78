// A query's three ends: not there yet, failed, there.

import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ErrorState } from "./ErrorState";
import { PageLoading } from "./PageLoading";
import css from "./parts.module.css";

type Props<T> = { query: UseQueryResult<T>; lines?: number; children: (data: T) => ReactNode };

export function Loaded<T>({ query, lines, children }: Props<T>) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.isError) {
    return (
      <div className={css.failed}>
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      </div>
    );
  }
  return <PageLoading lines={lines} />;
}
