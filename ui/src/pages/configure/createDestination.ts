// Makes target and flow, which together are a destination.

import { createFlow } from "../../api/flows";
import type { ProbeStep, Watch } from "../../api/probe";
import type { Spec } from "../../api/shapes";
import { profileStore } from "../../api/sources";
import { createTarget, deleteTarget } from "../../api/targets";
import { type ConfigureDraft, flowBody, targetBody } from "./draft";

export type Created = { flowId: string; steps: ProbeStep[]; warnings: string[] };

export async function createDestination(
  spec: Spec,
  draft: ConfigureDraft,
  accountId: string,
  watch: Watch,
): Promise<Created> {
  const target = await createTarget(targetBody(spec, draft, accountId), watch);
  try {
    const flow = await createFlow(flowBody(spec, draft, await profileStore(), target.id));
    const warnings = (flow.warnings ?? []).map((warning) => warning.message);
    return { flowId: flow.id, steps: target.probe?.steps ?? [], warnings };
  } catch (error) {
    // One without the other would be in the way of the next try. What went wrong first is what is told.
    await deleteTarget(target.id).catch(() => undefined);
    throw error;
  }
}
