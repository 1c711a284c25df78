// The destinations workspace: the tabs over its pages.

import { Outlet } from "@tanstack/react-router";
import { PageHead } from "../../parts/PageHead";
import css from "../../parts/page.module.css";
import { TabLinks } from "../../parts/TabLinks";
import { paths } from "../../paths";
import { destinations as words } from "../../strings/en/destinations";

export function Workspace() {
  const tabs = [
    { label: words.tabs.overview, to: paths.overview() },
    { label: words.tabs.catalog, to: paths.catalog() },
    { label: words.tabs.browse, to: paths.browse() },
    { label: words.tabs.accounts, to: paths.accounts() },
    { label: words.tabs.systemView, to: paths.systemView() },
  ];
  return (
    <>
      <div className={css.head}>
        <PageHead title={words.title} />
        <TabLinks label={words.tabs.label} tabs={tabs} />
      </div>
      <Outlet />
    </>
  );
}
