// Has a destination export now, and says where that can be followed.

import { useRouter } from "@tanstack/react-router";
import { runFlow } from "../../api/flows";
import type { Flow } from "../../api/shapes";
import { showStarted } from "../../parts/toast";
import { BASE, paths } from "../../paths";
import { destinations as room } from "../../strings/en/destinations";

const words = room.actions;

export function useRunNow() {
  const router = useRouter();
  return async (flow: Flow) => {
    const { runs } = await runFlow(flow.id);
    const [first] = runs;
    const to = first !== undefined && runs.length === 1 ? paths.run(first) : paths.flow(flow.id);
    const go = () => void router.navigate({ href: BASE + to });
    showStarted(words.started(runs.length, flow.name), { label: words.see(runs.length), go });
  };
}
