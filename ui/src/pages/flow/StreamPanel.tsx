// How a stream is right now.

import { StatusLight } from "@react-spectrum/s2";
import type { StreamStatus } from "../../api/shapes";
import { Anchor } from "../../parts/Anchor";
import css from "../../parts/page.module.css";
import { Section } from "../../parts/Section";
import { Count, Time } from "../../parts/values";
import { paths } from "../../paths";
import { runs as room } from "../../strings/en/runs";
import { FaultPanel } from "../run/FaultPanel";
import own from "./flow.module.css";

const words = room.stream;

const VARIANTS = {
  idle: "positive",
  deriving: "informative",
  sending: "informative",
  throttled: "notice",
  blocked: "negative",
  disabled: "neutral",
} as const;

export function StreamPanel({ flowId, status }: { flowId: string; status: StreamStatus }) {
  const isLacking = status.state === "idle" && status.letters > 0;
  return (
    <Section title={words.title}>
      <dl className={`${css.numbers} ${own.boxed}`}>
        <div>
          <dt>{room.columns.status}</dt>
          <dd>
            <StatusLight size="S" variant={isLacking ? "notice" : VARIANTS[status.state]}>
              {isLacking ? words.states.idleButLetters : (words.states[status.state] ?? status.state)}
            </StatusLight>
          </dd>
        </div>
        <div>
          <dt>{words.since}</dt>
          <dd>
            <Time at={status.since} seconds />
          </dd>
        </div>
        <div>
          <dt>{words.pending}</dt>
          <dd>
            <Count value={status.pending} />
          </dd>
        </div>
        <div>
          <dt>{words.waiting}</dt>
          <dd>
            <Count value={status.waiting} />
          </dd>
        </div>
        <div>
          <dt>{words.letters}</dt>
          <dd>
            {status.letters > 0 ? (
              <Anchor to={paths.flow(flowId, { tab: "letters" })}>
                <Count value={status.letters} />
              </Anchor>
            ) : (
              <Count value={status.letters} />
            )}
          </dd>
        </div>
        {status.nextTryAt && (
          <div>
            <dt>{words.nextTry}</dt>
            <dd>
              <Time at={status.nextTryAt} seconds />
            </dd>
          </div>
        )}
      </dl>
      {status.fault && <FaultPanel fault={status.fault} title={words.states[status.state] ?? status.state} />}
    </Section>
  );
}
