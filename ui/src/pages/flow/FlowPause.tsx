import { Content, Heading, InlineAlert } from "@react-spectrum/s2";
import type { Flow } from "../../api/shapes";
import { Time } from "../../parts/values";
import { destinations as words } from "../../strings/en/destinations";

/** Why a policy paused the destination. */
export function FlowPause({ pause }: { pause: NonNullable<Flow["pause"]> }) {
  return (
    <InlineAlert variant="notice">
      <Heading level={2}>{words.flowStates.paused}</Heading>
      <Content>
        {pause.reason} (<Time at={pause.at} />)
      </Content>
    </InlineAlert>
  );
}
