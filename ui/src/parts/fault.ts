// What a refused connection says, brought to the fields of the form.

import type { HostKey, ProbeStep } from "../api/probe";
import { Problem } from "../api/problem";
import { fieldsOf, type JsonSchema, MASK, type Values } from "./schema";

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

/** What fields are called in forms, by the names that the API has for them. */
export type FieldLabels = Record<string, string>;

export function labelsOf(...schemas: (JsonSchema | undefined)[]): FieldLabels {
  const fields = schemas.flatMap((schema) => (schema ? fieldsOf(schema) : []));
  return Object.fromEntries(fields.map(({ name, label }) => [name, label]));
}

/** What the API says, with fields called as forms call them. Names that are plain words stay: those are read as such. */
export function withLabels(text: string, labels: FieldLabels): string {
  const called = (all: string, name: string) => labels[name] ?? all;
  return text
    .replaceAll(/\/(?:auth\/)?params\/(\w+)/g, called)
    .replaceAll(/`(\w+)`/g, called)
    .replaceAll(/\b([a-z0-9]+[A-Z]\w*)\b/g, called);
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
