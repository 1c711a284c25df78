// Has a destination export now, and says where that can be followed.

import { useRouter } from "@tanstack/react-router";
import { exportNow, runFlow } from "../../api/flows";
import type { Flow } from "../../api/shapes";
import { showStarted } from "../../parts/toast";
import { BASE, paths } from "../../paths";
import { destinations as room } from "../../strings/en/destinations";

const words = room.actions;

/** All that is due next, or, where segments are named, an extra full file of each. */
export function useRunNow() {
  const router = useRouter();
  return async (flow: Flow, segments?: string[]) => {
    const runs = segments === undefined ? (await runFlow(flow.id)).runs : await exportNow(flow.id, segments);
    const [first] = runs;
    const to = first !== undefined && runs.length === 1 ? paths.run(first) : paths.flow(flow.id);
    const message = words.started(runs.length, flow.name);
    const { pathname, search } = router.state.location;
    const isHere = pathname === to && !("tab" in search);
    const go = () => void router.navigate({ href: BASE + to });
    const closing = showStarted(message, isHere ? undefined : { label: words.see(runs.length), go });
    const stop = router.subscribe("onBeforeNavigate", ({ pathChanged }) => {
      if (!pathChanged) return;
      stop();
      void closing.then((close) => close());
    });
  };
}
