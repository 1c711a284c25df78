// What a refused connection says, brought to the fields of the form.

import type { HostKey, ProbeStep } from "../api/probe";
import { Problem } from "../api/problem";
import { MASK, type Values } from "./schema";

/** The same problem with the fields that the failed step says may be at fault. */
export function withFieldsAtFault(problem: Problem, message: string): Problem {
  const step = failedStep(problem);
  // A key to be approved is a question, and no field is wrong.
  if (problem.fields.length > 0 || !step?.fields || step.hostKey) return problem;
  return new Problem(problem.status, {
    ...problem.body,
    problems: step.fields.map((field) => ({ field, message })),
  });
}

function failedStep(problem: Problem): ProbeStep | undefined {
  return (problem.body.steps as ProbeStep[] | undefined)?.find((step) => step.outcome === "failed");
}

/** The key of a server that nobody approved yet. */
export function hostKeyOf(problem: Problem | undefined): HostKey | undefined {
  return (problem && failedStep(problem)?.hostKey) ?? undefined;
}

/** An account's parameters with the key approved. One that has changed takes the place of those before it. */
export function withHostKey(params: Values, { field, line, approved = [] }: HostKey): Values {
  const name = field.split("/").at(-1) ?? field;
  const before = params[name];
  const isKept = typeof before === "string" && before !== "" && before !== MASK && approved.length === 0;
  return { ...params, [name]: isKept ? `${before.trimEnd()}\n${line}` : line };
}
