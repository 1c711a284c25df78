// What went wrong with a request, as the API says it (application/problem+json) or as the browser does.

import type { components } from "./schema.gen";

export type ProblemBody = Partial<components["schemas"]["ProblemBody"]> & Record<string, unknown>;
export type FieldProblem = components["schemas"]["Problem"];

/** The status of a request that never got an answer. */
export const UNREACHABLE = 0;

/** What a proxy answers in place of a server that it cannot reach. */
const OF_PROXIES = [502, 503, 504];

export class Problem extends Error {
  override name = "Problem";

  constructor(
    readonly status: number,
    readonly body: ProblemBody,
  ) {
    super(body.detail ?? body.title ?? `HTTP ${status}`);
  }

  /** The problems of single fields: JSON pointers into the body that was sent, or names of parameters. */
  get fields(): FieldProblem[] {
    return this.body.problems ?? [];
  }

  /** What the API says about one field of what was sent, if anything. */
  field(pointer: string): string | undefined {
    const found = this.fields.filter((problem) => problem.field === pointer).map((problem) => problem.message);
    return found.length > 0 ? found.join("; ") : undefined;
  }

  static async of(response: Response): Promise<Problem> {
    const text = await response.text().catch(() => "");
    try {
      const body: unknown = JSON.parse(text);
      if (typeof body === "object" && body !== null) return new Problem(response.status, body as ProblemBody);
    } catch {
      // No JSON: a proxy in between, or nothing at all.
      if (OF_PROXIES.includes(response.status)) return new Problem(UNREACHABLE, { detail: response.statusText });
    }
    return new Problem(response.status, { title: response.statusText, detail: text.slice(0, 300) || undefined });
  }

  static unreachable(cause: unknown): Problem {
    return new Problem(UNREACHABLE, { detail: cause instanceof Error ? cause.message : String(cause) });
  }

  /** Any error as a problem, so that one component can show all. */
  static from(error: unknown): Problem {
    return error instanceof Problem ? error : Problem.unreachable(error);
  }
}

/** Whether the object was changed by somebody else since it was read. */
export function isConflict(error: unknown): error is Problem {
  return error instanceof Problem && error.status === 412;
}

export function isSignedOut(error: unknown): boolean {
  return error instanceof Problem && (error.status === 401 || error.body.error_code === "403010");
}
