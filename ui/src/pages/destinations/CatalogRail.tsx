// What a kind of destination is, what it takes, and how it is set up.

import type { Spec } from "../../api/shapes";
import { Anchor } from "../../parts/Anchor";
import { Markdown } from "../../parts/Markdown";
import css from "../../parts/page.module.css";
import { Facts, Rail } from "../../parts/Rail";
import { paths } from "../../paths";
import { t } from "../../strings/en";
import { destinations as room } from "../../strings/en/destinations";
import { CatalogActions } from "./CatalogActions";
import { type Workspace, wayName } from "./workspace";

const words = room.catalog;

export function CatalogRail({ spec, workspace, onClose }: { spec: Spec; workspace: Workspace; onClose: () => void }) {
  const { description, category, connectionType, isBatch, guide } = spec.attributes;
  const canEncrypt = spec.encryptionSpecs.length > 0;
  const flows = workspace.destinations.filter((destination) => destination.spec?.id === spec.id).length;
  const accounts = workspace.accounts.filter((account) => account.connectionSpec.id === spec.id).length;
  return (
    <Rail title={spec.name} onClose={onClose}>
      <div className={css.row}>
        <CatalogActions spec={spec} flows={flows} hasBoth />
      </div>
      <p className={css.text}>{description}</p>
      <Facts
        facts={[
          [words.category, category],
          [words.connectionType, connectionType],
          [words.frequency, isBatch ? room.batch : room.streaming],
          [words.signIn, spec.authSpec.map((auth) => wayName(auth.name)).join(", ")],
          [words.encryption, canEncrypt ? room.accounts.encrypted : t.none],
          [
            room.tabs.accounts,
            <Anchor key="accounts" to={paths.accounts({ platform: spec.id })}>
              {words.accounts(accounts)}
            </Anchor>,
          ],
          [
            room.title,
            <Anchor key="flows" to={paths.browse({ platform: spec.id })}>
              {room.count(flows)}
            </Anchor>,
          ],
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
