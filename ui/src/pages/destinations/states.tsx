// States of flows and runs as lights with names.

import type { Flow, Run } from "../../api/shapes";
import { State } from "../../parts/values";
import { destinations as room } from "../../strings/en/destinations";
import { runs as runsWords } from "../../strings/en/runs";

export type FlowState = "enabled" | "disabled" | "paused" | "blocked";

export function flowState(flow: Flow): FlowState {
  if (flow.state !== "enabled") return flow.pause ? "paused" : "disabled";
  return flow.streamStatus?.state === "blocked" ? "blocked" : "enabled";
}

const FLOW_VARIANTS = { enabled: "positive", disabled: "neutral", paused: "notice", blocked: "negative" } as const;

export function FlowLight({ flow, isShort = false }: { flow: Flow; isShort?: boolean }) {
  const state = flowState(flow);
  const light = <State variant={FLOW_VARIANTS[state]}>{(isShort ? room.shortStates : room.flowStates)[state]}</State>;
  return isShort ? <span title={room.flowStates[state]}>{light}</span> : light;
}

const RUN_VARIANTS = {
  queued: "neutral",
  processing: "informative",
  success: "positive",
  failed: "negative",
  cancelled: "neutral",
} as const;

/** A run's state. An hour of messages has names of its own: while it lasts, nobody need wait for its end. */
export function RunLight({ state, kind }: { state: string; kind?: Run["kind"] }) {
  const ofHour = kind === "window" ? runsWords.hourStates[state] : undefined;
  const label = ofHour ?? runsWords.states[state] ?? state;
  return <State variant={RUN_VARIANTS[state as keyof typeof RUN_VARIANTS] ?? "neutral"}>{label}</State>;
}
