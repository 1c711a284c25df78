// The frame of every page: top bar, side navigation, and the page itself.

import { Outlet, useRouterState } from "@tanstack/react-router";
import { Anchor } from "../parts/Anchor";
import { t } from "../strings/en";
import { rooms } from "./nav";
import css from "./shell.module.css";
import { TopBar } from "./TopBar";

export function Shell() {
  const path = useRouterState({ select: (state) => state.location.pathname });
  return (
    <div className={css.shell}>
      <a className={css.skip} href="#main">
        {t.shell.skip}
      </a>
      <TopBar />
      <nav className={css.nav} aria-label={t.shell.nav}>
        <ul>
          {rooms.map(({ label, path: to, Icon }) => (
            <li key={to}>
              <Anchor
                className={css.room}
                to={to}
                aria-current={path.startsWith(to) ? "page" : undefined}
                title={label}
              >
                <Icon />
                <span>{label}</span>
              </Anchor>
            </li>
          ))}
        </ul>
      </nav>
      <main className={css.main} id="main" tabIndex={-1}>
        <Outlet />
      </main>
    </div>
  );
}
