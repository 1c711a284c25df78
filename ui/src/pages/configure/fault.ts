// What a refused connection says, brought to the fields of the form.

import { Problem } from "../../api/problem";
import type { JsonSchema } from "../../parts/schema";

type FailedStep = { name: string; outcome: string; class?: string; message?: string; hint?: string };

/** Fields that say where to connect to, by their names in all kinds of accounts. */
const PLACES = ["endpoint", "endpointUrl", "domain", "host", "port", "namespace"];

/** The same problem with the fields at fault: those that the failed step names, or those that its class points to. */
export function withFieldsAtFault(problem: Problem, schema: JsonSchema, pointer: string, message: string): Problem {
  const step = failedStep(problem);
  if (problem.fields.length > 0 || !step) return problem;
  const properties = schema.properties ?? {};
  const names = Object.keys(properties);
  const text = `${step.message ?? ""} ${step.hint ?? ""}`;
  const named = names.filter((name) => new RegExp(`\\b${name}\\b`).test(text));
  const secret = names.filter((name) => properties[name]?.format === "password" && schema.required?.includes(name));
  const places = names.filter((name) => PLACES.includes(name));
  const byClass = { credentials: secret, unavailable: places }[step.class ?? ""] ?? [];
  const fields = named.length > 0 ? named : byClass;
  const problems = fields.map((name) => ({ field: `${pointer}/${name}`, message }));
  return new Problem(problem.status, { ...problem.body, problems });
}

function failedStep(problem: Problem): FailedStep | undefined {
  return (problem.body.steps as FailedStep[] | undefined)?.find((step) => step.outcome === "failed");
}

export type UnknownKey = { line: string; fingerprint: string };

/** The key of an SFTP server that nobody approved yet. */
export function unknownKeyOf(problem: Problem): UnknownKey | undefined {
  const message = failedStep(problem)?.message ?? "";
  const match = /not approved yet: it is `([^`]+)` with fingerprint (\S.*)$/.exec(message);
  return match?.[1] && match[2] ? { line: match[1], fingerprint: match[2] } : undefined;
}
