// What leads from nothing to a first delivery, in order, with what is done ticked.

import { LinkButton } from "@react-spectrum/s2";
import Checkmark from "@react-spectrum/s2/icons/Checkmark";
import { useQuery } from "@tanstack/react-query";
import { datasetsQuery } from "../../api/datasets";
import { segmentNamesQuery } from "../../api/segments";
import { Loaded } from "../../parts/Loaded";
import { WriteOnly } from "../../parts/WriteOnly";
import { paths } from "../../paths";
import { destinations as room } from "../../strings/en/destinations";
import own from "./destinations.module.css";
import { segmentsOf, type Workspace } from "./workspace";

const words = room.start;

type StepId = keyof typeof words.steps;
type Step = { id: StepId; isDone: boolean; to: string };

/** Whether something is activated: from then on there is something to give an overview of. */
export function isActivated({ destinations }: Workspace): boolean {
  return destinations.some(({ flow }) => segmentsOf(flow).length > 0);
}

export function FirstSteps({ workspace }: { workspace: Workspace }) {
  const datasets = useQuery(datasetsQuery);
  const segments = useQuery(segmentNamesQuery);
  return (
    <Loaded query={datasets}>
      {({ items }) => (
        <Loaded query={segments}>
          {(names) => (
            <Steps
              steps={[
                { id: "dataset", isDone: items.length > 0, to: paths.datasets() },
                { id: "segment", isDone: names.size > 0, to: paths.newSegment() },
                { id: "destination", isDone: workspace.destinations.length > 0, to: paths.catalog() },
                { id: "activation", isDone: isActivated(workspace), to: activation(workspace) },
              ]}
            />
          )}
        </Loaded>
      )}
    </Loaded>
  );
}

/** Where there is one destination, it is that one. */
function activation({ destinations }: Workspace): string {
  const [first, ...others] = destinations;
  return first && others.length === 0 ? paths.activate(first.flow.id) : paths.activateOne();
}

function Steps({ steps }: { steps: Step[] }) {
  const next = steps.find((step) => !step.isDone);
  return (
    <section className={own.start} aria-labelledby="first-steps">
      <h2 id="first-steps">{words.title}</h2>
      <p>{words.lead}</p>
      <ol>
        {steps.map(({ id, isDone, to }, at) => (
          <li key={id} data-done={isDone || undefined} aria-current={id === next?.id ? "step" : undefined}>
            <span className={own.startMark} aria-hidden={!isDone || undefined}>
              {isDone ? <Checkmark aria-label={words.done} /> : at + 1}
            </span>
            <span className={own.startText}>
              <strong>{words.steps[id].name}</strong>
              <span>{words.steps[id].text}</span>
            </span>
            {!isDone && (
              <WriteOnly>
                <LinkButton variant={id === next?.id ? "accent" : "secondary"} size="S" href={to}>
                  {words.steps[id].go}
                </LinkButton>
              </WriteOnly>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}
