// Data governance: policies, and what they refer to.

import { Outlet } from "@tanstack/react-router";
import { PageHead } from "../../parts/PageHead";
import css from "../../parts/page.module.css";
import { TabLinks } from "../../parts/TabLinks";
import { paths } from "../../paths";
import { policies as words } from "../../strings/en/policies";

export function PoliciesWorkspace() {
  return (
    <>
      <div className={css.head}>
        <PageHead title={words.title} />
        <TabLinks
          label={words.tabs.label}
          tabs={[
            { label: words.tabs.policies, to: paths.policies() },
            { label: words.tabs.labels, to: paths.policies("labels") },
            { label: words.tabs.actions, to: paths.policies("marketing-actions") },
            { label: words.tabs.consent, to: paths.policies("consent") },
            { label: words.tabs.suppressions, to: paths.policies("suppressions") },
          ]}
        />
      </div>
      <Outlet />
    </>
  );
}
