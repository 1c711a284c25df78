// Carries out what a destination's menu offers.

import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { switchFlow } from "../../api/flows";
import type { Flow } from "../../api/shapes";
import { showDone, showProblem } from "../../parts/toast";
import { BASE, paths } from "../../paths";
import { destinations as room } from "../../strings/en/destinations";
import type { FlowAction } from "./FlowMenu";
import { useRunNow } from "./useRunNow";

const words = room.actions;

export type Asked = { action: "run" | "rename" | "disable" | "delete"; flow: Flow };

export function useFlowActions() {
  const queries = useQueryClient();
  const router = useRouter();
  const [asked, setAsked] = useState<Asked>();
  const renew = () =>
    Promise.all([
      queries.invalidateQueries({ queryKey: ["flows"] }),
      queries.invalidateQueries({ queryKey: ["runs"] }),
    ]);
  const runNow = useRunNow();
  const attempt = async (wanted: string, work: () => Promise<unknown>) => {
    try {
      await work();
    } catch (error) {
      showProblem(error, wanted);
    }
    await renew();
  };
  const act = (action: FlowAction, flow: Flow) => {
    switch (action) {
      case "open":
        return router.navigate({ href: BASE + paths.flow(flow.id) });
      case "run":
        // To a stream this is a message about everybody.
        if (flow.streamStatus) return setAsked({ action, flow });
        return attempt(words.run, () => runNow(flow));
      case "enable":
        return attempt(words.enable, async () => {
          await switchFlow(flow, "enable");
          showDone(words.enabled(flow.name));
        });
      default:
        return setAsked({ action, flow });
    }
  };
  return { act, asked, renew, close: () => setAsked(undefined) };
}
