import { Outlet } from "@tanstack/react-router";
import { PageHead } from "../../parts/PageHead";
import css from "../../parts/page.module.css";
import { TabLinks } from "../../parts/TabLinks";
import { paths } from "../../paths";
import { settings as words } from "../../strings/en/settings";

export function SettingsWorkspace() {
  return (
    <>
      <div className={css.head}>
        <PageHead title={words.title} />
        <TabLinks
          label={words.tabs.label}
          tabs={[
            { label: words.tabs.clients, to: paths.settings() },
            { label: words.tabs.alerts, to: paths.settings("alerts") },
            { label: words.tabs.schedules, to: paths.settings("schedules") },
            { label: words.tabs.about, to: paths.settings("about") },
          ]}
        />
      </div>
      <Outlet />
    </>
  );
}
