// Destinations as a list of links: those that an account is used by.

import { Anchor } from "../../parts/Anchor";
import css from "../../parts/page.module.css";
import { paths } from "../../paths";
import type { Destination } from "./workspace";

export function FlowLinks({ destinations }: { destinations: Destination[] }) {
  return (
    <ul className={css.plain}>
      {destinations.map(({ flow }) => (
        <li key={flow.id}>
          <Anchor to={paths.flow(flow.id)}>{flow.name}</Anchor>
        </li>
      ))}
    </ul>
  );
}
