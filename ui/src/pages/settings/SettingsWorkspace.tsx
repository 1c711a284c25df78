import { TabbedPages } from "../../parts/TabbedPages";
import { paths } from "../../paths";
import { settings as words } from "../../strings/en/settings";

export function SettingsWorkspace() {
  return (
    <TabbedPages
      title={words.title}
      label={words.tabs.label}
      tabs={[
        { label: words.tabs.clients, to: paths.settings() },
        { label: words.tabs.alerts, to: paths.settings("alerts") },
        { label: words.tabs.schedules, to: paths.settings("schedules") },
        { label: words.tabs.about, to: paths.settings("about") },
      ]}
    />
  );
}
