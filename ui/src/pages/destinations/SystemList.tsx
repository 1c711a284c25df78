// What the picture shows, as nested lists.

import { Anchor } from "../../parts/Anchor";
import { PlatformIcon } from "../../parts/PlatformIcon";
import { paths } from "../../paths";
import { destinations as words } from "../../strings/en/destinations";
import { summary } from "./SystemPicture";
import type { System } from "./system";
import css from "./system.module.css";

export function SystemList({ system }: { system: System }) {
  return (
    <ul className={css.list} aria-label={words.system.label}>
      {system.platforms.map(({ spec, accounts }) => (
        <li key={spec.id}>
          <span className={css.listHead}>
            <PlatformIcon spec={spec} />
            <Anchor to={paths.browse({ platform: spec.id })}>{spec.name}</Anchor>
          </span>
          <ul>
            {accounts.map(({ account, flows }) => (
              <li key={account.id}>
                <Anchor to={paths.accounts({ selected: account.id })}>{account.name}</Anchor>
                <ul>
                  {flows.map((node) => (
                    <li key={node.destination.flow.id}>
                      <Anchor to={paths.flow(node.destination.flow.id)}>{node.destination.flow.name}</Anchor>
                      <span className={css.quiet}>{summary(node)}</span>
                    </li>
                  ))}
                </ul>
              </li>
            ))}
          </ul>
        </li>
      ))}
    </ul>
  );
}
