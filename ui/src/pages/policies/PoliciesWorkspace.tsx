import { TabbedPages } from "../../parts/TabbedPages";
import { paths } from "../../paths";
import { policies as words } from "../../strings/en/policies";

export function PoliciesWorkspace() {
  return (
    <TabbedPages
      title={words.title}
      label={words.tabs.label}
      tabs={[
        { label: words.tabs.policies, to: paths.policies() },
        { label: words.tabs.labels, to: paths.policies("labels") },
        { label: words.tabs.actions, to: paths.policies("marketing-actions") },
        { label: words.tabs.consent, to: paths.policies("consent") },
        { label: words.tabs.suppressions, to: paths.policies("suppressions") },
      ]}
    />
  );
}
