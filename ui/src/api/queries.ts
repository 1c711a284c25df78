// How answers are kept: for how long, when they are asked for again, and what a lost session does.

import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { isSignedOut, Problem } from "./problem";

/** Tables of things that change by themselves are asked for again this often while somebody looks. */
export const POLL_MILLIS = 5_000;
const RETRIES_MAX = 2;

export function makeQueryClient(onSignedOut: () => void): QueryClient {
  const onError = (error: unknown) => {
    if (isSignedOut(error)) onSignedOut();
  };
  return new QueryClient({
    // The session query itself is how one finds out; the router reacts to it.
    queryCache: new QueryCache({ onError: (error, query) => query.queryKey[0] !== "session" && onError(error) }),
    mutationCache: new MutationCache({ onError }),
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
