// Pages that are tabs under one head. What can be done on one of them stands in the head, as on pages that have their own.

import { Outlet } from "@tanstack/react-router";
import { createContext, type ReactNode, useContext, useState } from "react";
import { createPortal } from "react-dom";
import { PageHead } from "./PageHead";
import css from "./page.module.css";
import { type TabLink, TabLinks } from "./TabLinks";

const Place = createContext<HTMLElement | null>(null);

export function TabbedPages({ title, label, tabs }: { title: string; label: string; tabs: TabLink[] }) {
  const [place, setPlace] = useState<HTMLElement | null>(null);
  return (
    <Place value={place}>
      <div className={css.head}>
        <PageHead title={title}>
          <div ref={setPlace} className={css.row} />
        </PageHead>
        <TabLinks label={label} tabs={tabs} />
      </div>
      <Outlet />
    </Place>
  );
}

/** What a tab puts at the end of the head. */
export function HeadTools({ children }: { children: ReactNode }) {
  const place = useContext(Place);
  return place && createPortal(children, place);
}
