// How a stream is right now.

import { StatusLight } from "@react-spectrum/s2";
import type { StreamStatus } from "../../api/shapes";
import css from "../../parts/page.module.css";
import { Section } from "../../parts/Section";
import { Count, Time } from "../../parts/values";
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

export function StreamPanel({ status }: { status: StreamStatus }) {
  return (
    <Section title={words.title}>
      <dl className={`${css.numbers} ${own.boxed}`}>
        <div>
          <dt>{room.columns.status}</dt>
          <dd>
            <StatusLight size="S" variant={VARIANTS[status.state]}>
              {words.states[status.state] ?? status.state}
            </StatusLight>
          </dd>
        </div>
        <div>
          <dt>{words.since}</dt>
          <dd>
            <Time at={status.since} />
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
            <Count value={status.letters} />
          </dd>
        </div>
        {status.nextTryAt && (
          <div>
            <dt>{words.nextTry}</dt>
            <dd>
              <Time at={status.nextTryAt} />
            </dd>
          </div>
        )}
      </dl>
      {status.fault && <FaultPanel fault={status.fault} title={words.states[status.state] ?? status.state} />}
    </Section>
  );
}
