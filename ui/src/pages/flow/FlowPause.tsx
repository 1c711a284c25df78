// Why policies paused the destination, and what of that is still so.

import { Content, Heading, InlineAlert } from "@react-spectrum/s2";
import { useQuery } from "@tanstack/react-query";
import { flowCheckQuery } from "../../api/policyCheck";
import type { Flow } from "../../api/shapes";
import { Loaded } from "../../parts/Loaded";
import { ViolationList } from "../../parts/Violations";
import { Time } from "../../parts/values";
import { destinations as words } from "../../strings/en/destinations";

export function FlowPause({ flow, pause }: { flow: Flow; pause: NonNullable<Flow["pause"]> }) {
  const check = useQuery(flowCheckQuery(flow));
  return (
    <>
      <InlineAlert variant="notice">
        <Heading level={2}>{words.flowStates.paused}</Heading>
        <Content>
          {pause.reason} (<Time at={pause.at} />)
        </Content>
      </InlineAlert>
      <Loaded query={check} lines={3}>
        {({ violations, violationsTotal = violations.length }) =>
          violations.length === 0 ? (
            <p>{words.details.pauseOver}</p>
          ) : (
            <ViolationList violations={violations} leftOut={violationsTotal - violations.length} />
          )
        }
      </Loaded>
    </>
  );
}
