// The pages of data: datasets, segments, profiles, policies, audit log, settings.

import { lazyRouteComponent } from "@tanstack/react-router";
import type { Page } from "./routes";

const policies = () => import("./pages/policies/PoliciesWorkspace");
const settings = () => import("./pages/settings/SettingsWorkspace");

export const dataPages: Page[] = [
  {
    path: "/datasets",
    search: ["find", "attach"],
    component: lazyRouteComponent(() => import("./pages/datasets/DatasetsPage"), "DatasetsPage"),
  },
  {
    path: "/datasets/$id",
    search: ["tab", "field", "find", "limit", "ask"],
    component: lazyRouteComponent(() => import("./pages/datasets/DatasetPage"), "DatasetPage"),
  },
  {
    path: "/segments",
    search: ["find", "use", "ask", "on"],
    component: lazyRouteComponent(() => import("./pages/segments/SegmentsPage"), "SegmentsPage"),
  },
  {
    path: "/segments/new",
    search: [],
    component: lazyRouteComponent(() => import("./pages/segments/NewSegmentPage"), "NewSegmentPage"),
  },
  {
    path: "/segments/$id",
    search: ["tab", "ask", "limit"],
    component: lazyRouteComponent(() => import("./pages/segments/SegmentPage"), "SegmentPage"),
  },
  {
    path: "/profiles",
    search: [],
    tables: ["segments"],
    component: lazyRouteComponent(() => import("./pages/profiles/ProfilesPage"), "ProfilesPage"),
  },
  {
    path: "/policies",
    component: lazyRouteComponent(policies, "PoliciesWorkspace"),
    children: [
      {
        path: "/",
        search: ["find", "status", "selected", "ask", "on"],
        component: lazyRouteComponent(() => import("./pages/policies/PoliciesPage"), "PoliciesPage"),
      },
      {
        path: "/labels",
        search: ["find", "selected", "ask", "on"],
        component: lazyRouteComponent(() => import("./pages/policies/LabelsPage"), "LabelsPage"),
      },
      {
        path: "/marketing-actions",
        search: ["find", "ask", "on"],
        component: lazyRouteComponent(() => import("./pages/policies/ActionsPage"), "ActionsPage"),
      },
      {
        path: "/consent",
        search: ["ask", "on"],
        component: lazyRouteComponent(() => import("./pages/policies/ConsentPage"), "ConsentPage"),
      },
      {
        path: "/suppressions",
        search: ["ask"],
        component: lazyRouteComponent(() => import("./pages/policies/SuppressionsPage"), "SuppressionsPage"),
      },
    ],
  },
  {
    path: "/audit",
    search: ["actor", "action", "noun", "objectId", "since", "until", "server", "selected"],
    component: lazyRouteComponent(() => import("./pages/audit/AuditPage"), "AuditPage"),
  },
  {
    path: "/settings",
    component: lazyRouteComponent(settings, "SettingsWorkspace"),
    children: [
      {
        path: "/",
        search: ["ask", "on"],
        component: lazyRouteComponent(() => import("./pages/settings/ClientsPage"), "ClientsPage"),
      },
      {
        path: "/alerts",
        search: ["ask", "on"],
        component: lazyRouteComponent(() => import("./pages/settings/AlertsPage"), "AlertsPage"),
      },
      {
        path: "/schedules",
        search: ["ask", "on"],
        component: lazyRouteComponent(() => import("./pages/settings/SchedulesPage"), "SchedulesPage"),
      },
      {
        path: "/about",
        search: [],
        component: lazyRouteComponent(() => import("./pages/settings/AboutPage"), "AboutPage"),
      },
    ],
  },
];
