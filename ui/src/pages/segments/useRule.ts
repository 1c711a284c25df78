// A rule that is being edited: its text and its tree. Whichever is changed, the other follows; while the text is no rule
// the tree stays as it was, and is not shown.

import { useState } from "react";
import { RuleProblem } from "./pql/lex";
import { parseRule } from "./pql/parse";
import { printRule } from "./pql/print";
import type { Group } from "./pql/tree";

export type RuleState = { text: string; tree: Group | undefined; problem: RuleProblem | undefined };

export function read(text: string): RuleState {
  try {
    return { text, tree: parseRule(text), problem: undefined };
  } catch (error) {
    if (!(error instanceof RuleProblem)) throw error;
    return { text, tree: undefined, problem: error };
  }
}

export function useRule(initial: string) {
  const [state, setState] = useState(() => read(initial));
  return {
    ...state,
    setText: (text: string) => setState(read(text)),
    setTree: (tree: Group) => setState({ text: printRule(tree), tree, problem: undefined }),
  };
}

/** A place in a text as people count it. */
export function placeOf(text: string, at: number): { line: number; column: number } {
  const before = text.slice(0, at).split("\n");
  return { line: before.length, column: [...(before.at(-1) ?? "")].length + 1 };
}
