// All pages and where they are. A page is added by one entry; its code is loaded when somebody goes there.

import { type AnyRoute, createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { dataPages } from "./dataRoutes";
import { known, tableParams } from "./paths";

export type Page = {
  path: string;
  /** Search params that the page knows; others are dropped. */
  search?: string[];
  /** Names of tables beside the one that has none. */
  tables?: string[];
  component: ReturnType<typeof lazyRouteComponent>;
  children?: Page[];
};

const pages: Page[] = [
  {
    path: "/destinations",
    component: lazyRouteComponent(() => import("./pages/destinations/Workspace"), "Workspace"),
    children: [
      {
        path: "/",
        search: [],
        component: lazyRouteComponent(() => import("./pages/destinations/OverviewPage"), "OverviewPage"),
      },
      {
        path: "/catalog",
        search: ["find", "show", "selected", "segment"],
        component: lazyRouteComponent(() => import("./pages/destinations/CatalogPage"), "CatalogPage"),
      },
      {
        path: "/browse",
        search: ["find", "platform", "status", "account", "selected"],
        component: lazyRouteComponent(() => import("./pages/destinations/BrowsePage"), "BrowsePage"),
      },
      {
        path: "/accounts",
        search: ["find", "platform", "selected"],
        component: lazyRouteComponent(() => import("./pages/destinations/AccountsPage"), "AccountsPage"),
      },
      {
        path: "/system-view",
        search: ["view"],
        component: lazyRouteComponent(() => import("./pages/destinations/SystemViewPage"), "SystemViewPage"),
      },
    ],
  },
  {
    path: "/destinations/configure/$spec",
    search: ["step", "account", "flow", "segment"],
    component: lazyRouteComponent(() => import("./pages/configure/ConfigurePage"), "ConfigurePage"),
  },
  {
    path: "/destinations/activate",
    search: ["spec", "selected", "segment"],
    component: lazyRouteComponent(() => import("./pages/activate/ChoosePage"), "ChoosePage"),
  },
  {
    path: "/destinations/activate/$flow",
    search: ["step", "find", "segment"],
    component: lazyRouteComponent(() => import("./pages/activate/ActivatePage"), "ActivatePage"),
  },
  {
    path: "/destinations/flows/$id",
    search: ["tab", "only"],
    tables: ["letters", "mapping"],
    component: lazyRouteComponent(() => import("./pages/flow/FlowPage"), "FlowPage"),
  },
  {
    path: "/destinations/runs/$id",
    component: lazyRouteComponent(() => import("./pages/run/RunPage"), "RunPage"),
  },
  ...dataPages,
];

export function makePages(parent: AnyRoute): AnyRoute[] {
  return pages.map((page) => makePage(page, parent));
}

const paramsOf = (table: string | undefined) => Object.values(tableParams(table));

function makePage({ path, search, tables = [], component, children }: Page, parent: AnyRoute): AnyRoute {
  const route: AnyRoute = createRoute({
    getParentRoute: () => parent,
    path,
    component,
    ...(search && { validateSearch: known(...search, ...[undefined, ...tables].flatMap(paramsOf)) }),
  } as never);
  return children ? route.addChildren(children.map((child) => makePage(child, route))) : route;
}
