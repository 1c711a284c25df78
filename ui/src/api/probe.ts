// Writes and tests that try a connection. What the server does is told step by step while it does it, as an event stream.

import { headersOf, refusalOf } from "./client";
import { eventsOf } from "./events";
import { Problem, type ProblemBody } from "./problem";

/** A key that a server presented and nobody approved. */
export type HostKey = {
  /** Where in the account's body the line belongs. */
  field: string;
  line: string;
  fingerprint: string;
  algorithm: string;
  /** Fingerprints of keys that are approved: where there are any, the server's key has changed. */
  approved?: string[];
};

export type ProbeStep = {
  name: string;
  /** `passed`, `limited` or `failed`; `running` for one that is not over. */
  outcome: string;
  found?: string | null;
  tried?: string | null;
  message?: string | null;
  hint?: string | null;
  /** Of a failed step: pointers into what was sent to what may be at fault, the likeliest first. */
  fields?: string[] | null;
  hostKey?: HostKey | null;
};

/** Who hears of the steps, and ends the test by the signal. */
export type Watch = { signal: AbortSignal; onSteps: (steps: ProbeStep[]) => void };

type Asked = { method: "GET" | "POST" | "PATCH"; path: string; etag?: string; body?: unknown };
type Result = { status: number; body: unknown };

/** Sends the request and gives the body of its answer. A failure is thrown as everywhere. */
export async function probed<T>({ method, path, etag, body }: Asked, { signal, onSteps }: Watch): Promise<T> {
  const headers = {
    ...headersOf(),
    accept: "text/event-stream",
    ...(body !== undefined && { "content-type": "application/json" }),
    ...(etag !== undefined && { "if-match": etag }),
  };
  const sent = body === undefined ? undefined : JSON.stringify(body);
  const request = { method, headers, signal, credentials: "same-origin", body: sent } as const;
  const response = await fetch(path, request).catch((error: unknown) => Promise.reject(Problem.unreachable(error)));
  if (!response.ok) throw await refusalOf(response);
  // What needs no test is answered at once.
  if (!response.headers.get("content-type")?.startsWith("text/event-stream")) return (await response.json()) as T;
  let steps: ProbeStep[] = [];
  try {
    for await (const { event, data } of eventsOf(response)) {
      if (event === "result") return resultOf<T>(JSON.parse(data) as Result);
      steps = stepsAfter(steps, event, JSON.parse(data) as ProbeStep);
      onSteps(steps);
    }
  } catch (error) {
    throw Problem.from(error);
  }
  throw new Problem(0, { detail: "the answer ended before the test was over" });
}

function resultOf<T>({ status, body }: Result): T {
  if (status >= 400) throw new Problem(status, (body ?? {}) as ProblemBody);
  return body as T;
}

/** The steps with one more that has begun or is over. */
export function stepsAfter(steps: ProbeStep[], event: string, step: ProbeStep): ProbeStep[] {
  const over = steps.filter(({ outcome }) => outcome !== "running");
  if (event === "started") return [...over, { name: step.name, outcome: "running" }];
  return event === "step" ? [...over, step] : steps;
}
