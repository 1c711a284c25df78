// What a destination is, beside the table.

import { Button, Divider, LinkButton } from "@react-spectrum/s2";
import type { Flow } from "../../api/shapes";
import css from "../../parts/page.module.css";
import { Rail } from "../../parts/Rail";
import { Barred, WriteOnly } from "../../parts/WriteOnly";
import { paths } from "../../paths";
import { destinations as words } from "../../strings/en/destinations";
import { FlowFacts } from "./FlowFacts";
import { type FlowAction, FlowMenu, offReason, runLabel } from "./FlowMenu";
import type { Destination } from "./workspace";

type Props = { destination: Destination; onAction: (action: FlowAction, flow: Flow) => void; onClose: () => void };

export function FlowRail({ destination, onAction, onClose }: Props) {
  const { flow } = destination;
  return (
    <Rail title={flow.name} onClose={onClose}>
      <div className={css.row}>
        <LinkButton variant="secondary" size="S" href={paths.flow(flow.id)}>
          {words.actions.view}
        </LinkButton>
        <WriteOnly>
          <LinkButton variant="secondary" size="S" href={paths.activate(flow.id)}>
            {words.actions.activate}
          </LinkButton>
          <Barred why={offReason(flow)}>
            {(isBarred) => (
              <Button variant="secondary" size="S" isDisabled={isBarred} onPress={() => onAction("run", flow)}>
                {runLabel(flow)}
              </Button>
            )}
          </Barred>
        </WriteOnly>
        <FlowMenu flow={flow} without={["open", "run"]} onAction={(action) => onAction(action, flow)} />
      </div>
      <Divider size="S" />
      <FlowFacts destination={destination} />
    </Rail>
  );
}
