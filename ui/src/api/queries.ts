// How answers are kept: for how long, and when they are asked for again.

import { QueryClient } from "@tanstack/react-query";
import { Problem } from "./problem";

/** Tables of things that change by themselves are asked for again this often while somebody looks. */
export const POLL_MILLIS = 5_000;
const RETRIES_MAX = 2;

export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 2_000,
        // What the server refuses is refused the second time, too.
        retry: (count, error) => count < RETRIES_MAX && mayPass(error),
      },
    },
  });
}

function mayPass(error: unknown): boolean {
  const { status } = Problem.from(error);
  return status === 0 || status === 429 || status >= 500;
}
