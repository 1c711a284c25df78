// The catalog: every kind of destination on offer, by category.

import { SearchField, SegmentedControl, SegmentedControlItem } from "@react-spectrum/s2";
import type { Spec } from "../../api/shapes";
import { EmptyState } from "../../parts/EmptyState";
import { Loaded } from "../../parts/Loaded";
import css from "../../parts/page.module.css";
import { useSearch } from "../../parts/useSearch";
import { destinations as room } from "../../strings/en/destinations";
import { CatalogCard } from "./CatalogCard";
import { CatalogRail } from "./CatalogRail";
import own from "./destinations.module.css";
import { useWorkspace, type Workspace } from "./workspace";

const words = room.catalog;

export function CatalogPage() {
  const query = useWorkspace();
  return <Loaded query={query}>{(workspace) => <Catalog workspace={workspace} />}</Loaded>;
}

function Catalog({ workspace }: { workspace: Workspace }) {
  const [search, setSearch] = useSearch<"find" | "show" | "selected">();
  const mine = new Set(workspace.accounts.map((account) => account.connectionSpec.id));
  const isMine = search.show === "mine";
  const shown = workspace.specs.filter((spec) => matches(spec, search.find) && (!isMine || mine.has(spec.id)));
  const categories = [...new Set(shown.map((spec) => spec.attributes.category))].sort();
  const selected = workspace.specs.find((spec) => spec.id === search.selected);
  return (
    <div className={css.split}>
      <div className={css.page}>
        <div className={css.bar}>
          <SearchField
            aria-label={words.find}
            placeholder={words.find}
            value={search.find ?? ""}
            onChange={(find) => setSearch({ find })}
          />
          <SegmentedControl
            aria-label={words.show}
            selectedKey={isMine ? "mine" : "all"}
            onSelectionChange={(show) => setSearch({ show: show === "mine" ? "mine" : undefined })}
          >
            <SegmentedControlItem id="all">{words.all}</SegmentedControlItem>
            <SegmentedControlItem id="mine">{words.mine}</SegmentedControlItem>
          </SegmentedControl>
        </div>
        {categories.map((category) => (
          <section key={category} aria-label={category}>
            <h2 className={own.category}>{category}</h2>
            <div className={own.cards}>
              {shown
                .filter((spec) => spec.attributes.category === category)
                .map((spec) => (
                  <CatalogCard
                    key={spec.id}
                    spec={spec}
                    workspace={workspace}
                    isSelected={spec === selected}
                    onSelect={() => setSearch({ selected: spec === selected ? undefined : spec.id })}
                  />
                ))}
            </div>
          </section>
        ))}
        {shown.length === 0 &&
          (isMine && mine.size === 0 ? (
            <EmptyState title={words.noMine}>{words.noMineText}</EmptyState>
          ) : (
            <EmptyState title={words.noMatch} />
          ))}
      </div>
      {selected && (
        <CatalogRail spec={selected} workspace={workspace} onClose={() => setSearch({ selected: undefined })} />
      )}
    </div>
  );
}

function matches(spec: Spec, find: string | undefined): boolean {
  if (!find) return true;
  const text = [spec.name, spec.attributes.description, spec.attributes.category, spec.attributes.connectionType];
  return text.join(" ").toLowerCase().includes(find.toLowerCase());
}
