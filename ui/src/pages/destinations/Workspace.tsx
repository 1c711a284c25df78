// The destinations workspace: the tabs over its pages.

import { Outlet } from "@tanstack/react-router";
import { PageHead } from "../../parts/PageHead";
import { TabLinks } from "../../parts/TabLinks";
import { paths } from "../../paths";
import { t } from "../../strings/en";
import css from "./destinations.module.css";

const words = t.destinations;

export function Workspace() {
  return (
    <>
      <div className={css.head}>
        <PageHead title={words.title} />
        <TabLinks label={words.tabs.label} tabs={[{ label: words.tabs.catalog, to: paths.catalog() }]} />
      </div>
      <Outlet />
    </>
  );
}
