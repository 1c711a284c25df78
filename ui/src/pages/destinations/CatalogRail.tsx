// What a kind of destination is, what it takes, and how it is set up.

import type { Spec } from "../../api/shapes";
import { Markdown } from "../../parts/Markdown";
import { Facts, Rail } from "../../parts/Rail";
import { t } from "../../strings/en";
import css from "./destinations.module.css";
import type { Workspace } from "./workspace";

const words = t.destinations.catalog;

export function CatalogRail({ spec, workspace, onClose }: { spec: Spec; workspace: Workspace; onClose: () => void }) {
  const { description, category, connectionType, isBatch, guide } = spec.attributes;
  const accounts = workspace.accounts.filter((account) => account.connectionSpec.id === spec.id).length;
  return (
    <Rail title={spec.name} onClose={onClose}>
      <p className={css.lead}>{description}</p>
      <Facts
        facts={[
          [words.category, category],
          [words.connectionType, connectionType],
          [words.frequency, isBatch ? t.destinations.batch : t.destinations.streaming],
          [words.signIn, spec.authSpec.map((auth) => auth.name).join(", ")],
          [t.destinations.tabs.accounts, words.accounts(accounts)],
        ]}
      />
      {guide && (
        <section aria-label={words.guide}>
          <Markdown text={guide} level={3} />
        </section>
      )}
    </Rail>
  );
}
