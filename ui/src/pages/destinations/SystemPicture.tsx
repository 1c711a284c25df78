// The system as a picture: nodes are links, lines are as thick as what went along them, and move while something runs.

import type { ReactNode } from "react";
import { Anchor } from "../../parts/Anchor";
import { formatBytes, formatCount } from "../../parts/format";
import { PlatformIcon } from "../../parts/PlatformIcon";
import { paths } from "../../paths";
import { destinations as room } from "../../strings/en/destinations";
import { runs as runsWords } from "../../strings/en/runs";
import { flowState } from "./states";
import { NODE, type Place, pictureOf, type System, type SystemFlow, strokeOf } from "./system";
import css from "./system.module.css";
import { userOf } from "./workspace";

const words = room.system;

export function SystemPicture({ system }: { system: System }) {
  const picture = pictureOf(system);
  return (
    <section className={css.picture} aria-label={words.label}>
      <div className={css.columns} style={{ width: picture.width }}>
        {[words.platforms, words.accounts, words.flows].map((title) => (
          <h2 key={title} style={{ width: NODE.width }}>
            {title}
          </h2>
        ))}
      </div>
      <div className={css.canvas} style={{ width: picture.width, height: picture.height }}>
        <svg width={picture.width} height={picture.height} aria-hidden="true">
          {picture.edges.map((edge) => (
            <path
              key={edge.id}
              d={curve(edge.from, edge.to)}
              data-state={edge.flow && flowState(edge.flow.destination.flow)}
              data-running={isRunning(edge.flow) || undefined}
              style={{ strokeWidth: strokeOf(edge.flow?.volume) }}
            />
          ))}
        </svg>
        {picture.platforms.map(({ platform: { spec }, ...place }) => (
          <Node
            key={spec.id}
            place={place}
            to={paths.browse({ platform: spec.id })}
            icon={<PlatformIcon spec={spec} size={24} />}
          >
            <strong>{spec.name}</strong>
            <span>{spec.attributes.isBatch ? room.batch : room.streaming}</span>
          </Node>
        ))}
        {picture.accounts.map(({ account: { account }, ...place }) => (
          <Node key={account.id} place={place} to={paths.accounts({ selected: account.id })}>
            <strong>{account.name}</strong>
            <span>{userOf(account)}</span>
          </Node>
        ))}
        {picture.flows.map(({ flow, ...place }) => (
          <FlowNode key={flow.destination.flow.id} flow={flow} place={place} />
        ))}
      </div>
    </section>
  );
}

function FlowNode({ flow: node, place }: { flow: SystemFlow; place: Place }) {
  const { flow } = node.destination;
  const state = flowState(flow);
  return (
    <Node place={place} to={paths.flow(flow.id)} state={state}>
      <strong>{flow.name}</strong>
      <span>{summary(node)}</span>
    </Node>
  );
}

/** State and volume of a destination in one line. */
export function summary(node: SystemFlow): string {
  const { flow } = node.destination;
  const stream = flow.streamStatus?.state;
  const running =
    stream === "sending" || stream === "deriving" || stream === "throttled"
      ? runsWords.stream.states[stream]
      : words.running;
  const { rows = 0, bytes = 0 } = node.volume ?? {};
  const volume = rows > 0 ? words.volume(formatCount(rows), formatBytes(bytes)) : words.quiet;
  return `${isRunning(node) ? running : room.flowStates[flowState(flow)]} · ${volume}`;
}

function isRunning(node: SystemFlow | undefined): boolean {
  const stream = node?.destination.flow.streamStatus?.state;
  if (stream === "blocked") return false;
  return (node?.volume?.running ?? 0) > 0 || stream === "sending" || stream === "deriving";
}

type NodeProps = { place: Place; to: string; icon?: ReactNode; state?: string; children: ReactNode };

function Node({ place, to, icon, state, children }: NodeProps) {
  return (
    <Anchor
      className={css.node}
      to={to}
      data-state={state}
      style={{ left: place.x, top: place.y, width: NODE.width, height: NODE.height }}
    >
      {icon}
      <span className={css.nodeText}>{children}</span>
    </Anchor>
  );
}

function curve(from: Place, to: Place): string {
  const [x1, y1] = [from.x + NODE.width, from.y + NODE.height / 2];
  const [x2, y2] = [to.x, to.y + NODE.height / 2];
  const bend = (x1 + x2) / 2;
  return `M${x1} ${y1} C${bend} ${y1} ${bend} ${y2} ${x2} ${y2}`;
}
