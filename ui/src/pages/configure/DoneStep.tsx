import { Content, Heading, InlineAlert } from "@react-spectrum/s2";
import type { Flow } from "../../api/shapes";
import { ProbeSteps } from "../../parts/ProbeSteps";
import { Section } from "../../parts/Section";
import css from "../../parts/wizard.module.css";
import { configure as room } from "../../strings/en/configure";
import type { Created } from "./createDestination";

const words = room.done;

/** The destination is there. `created` is what making it told, as long as the page was not loaded anew. */
export function DoneStep({ flow, created }: { flow: Flow; created?: Created }) {
  return (
    <div className={css.narrow}>
      <InlineAlert variant="positive">
        <Heading>{words.title(flow.name)}</Heading>
        <Content>{words.text}</Content>
      </InlineAlert>
      {created && created.warnings.length > 0 && (
        <InlineAlert variant="notice">
          <Heading>{words.warnings}</Heading>
          <Content>
            {created.warnings.map((warning) => (
              <p key={warning}>{warning}</p>
            ))}
          </Content>
        </InlineAlert>
      )}
      {created && created.steps.length > 0 && (
        <Section title={words.probe}>
          <ProbeSteps steps={created.steps} />
        </Section>
      )}
    </div>
  );
}
