// What is known of files that are looked at: of those that were asked about last, and of no others.

import type { Inspection } from "../../api/dataShapes";
import type { Problem } from "../../api/problem";

/** `about` and `asked` are the place of the files, as it was sent. */
export type Looked = { about: string; found?: Inspection; problem?: Problem };
export type LookState = { asked?: string; looked?: Looked };

/** A question, or an answer. An answer that comes after the next question, or its answer, is let go. */
export function lookState(state: LookState, event: { ask: string } | Looked): LookState {
  if ("ask" in event) return { ...state, asked: event.ask };
  return state.asked === event.about ? { looked: event } : state;
}
