import type { Spec } from "../../api/shapes";
import { PlatformIcon } from "../../parts/PlatformIcon";
import { destinations as words } from "../../strings/en/destinations";
import { CatalogActions } from "./CatalogActions";
import own from "./destinations.module.css";
import type { Workspace } from "./workspace";

type Props = { spec: Spec; workspace: Workspace; isSelected: boolean; onSelect: () => void };

export function CatalogCard({ spec, workspace, isSelected, onSelect }: Props) {
  const flows = workspace.destinations.filter((destination) => destination.spec?.id === spec.id).length;
  return (
    <article className={own.card} data-selected={isSelected || undefined}>
      <button type="button" className={own.cardBody} aria-pressed={isSelected} onClick={onSelect}>
        <PlatformIcon spec={spec} size={40} />
        <span className={own.cardName}>{spec.name}</span>
        <span className={own.cardText}>{spec.attributes.description}</span>
      </button>
      <footer className={own.cardFoot}>
        <span>
          {spec.attributes.isBatch ? words.batch : words.streaming}
          <br />
          {words.count(flows)}
        </span>
        <CatalogActions spec={spec} flows={flows} />
      </footer>
    </article>
  );
}
