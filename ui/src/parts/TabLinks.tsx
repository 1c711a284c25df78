// Tabs whose panels are pages: links, so that each is an address.

import { useRouterState } from "@tanstack/react-router";
import { Anchor } from "./Anchor";
import css from "./parts.module.css";

export type TabLink = { label: string; to: string; isCurrent?: boolean };

export function TabLinks({ label, tabs }: { label: string; tabs: TabLink[] }) {
  const path = useRouterState({ select: (state) => state.location.pathname.replace(/\/$/, "") });
  return (
    <nav className={css.tabs} aria-label={label}>
      {tabs.map((tab) => (
        <Anchor key={tab.to} to={tab.to} aria-current={(tab.isCurrent ?? path === tab.to) ? "page" : undefined}>
          {tab.label}
        </Anchor>
      ))}
    </nav>
  );
}
