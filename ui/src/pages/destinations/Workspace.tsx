// The destinations workspace: the tabs over its pages.

import { useQuery } from "@tanstack/react-query";
import { Outlet } from "@tanstack/react-router";
import { flowsQuery } from "../../api/flows";
import { PageHead } from "../../parts/PageHead";
import css from "../../parts/page.module.css";
import { TabLinks } from "../../parts/TabLinks";
import { paths } from "../../paths";
import { destinations as words } from "../../strings/en/destinations";

export function Workspace() {
  const { data } = useQuery(flowsQuery);
  // There is nothing to give an overview of.
  const hasNone = data?.items.length === 0;
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
        <TabLinks label={words.tabs.label} tabs={hasNone ? tabs.slice(1) : tabs} />
      </div>
      <Outlet />
    </>
  );
}
