// To which of the destinations of a kind segments are activated, or that another one is configured first.

import { LinkButton } from "@react-spectrum/s2";
import { useQuery } from "@tanstack/react-query";
import { accountsQuery } from "../../api/accounts";
import { flowsQuery } from "../../api/flows";
import { specsQuery } from "../../api/specs";
import { targetsQuery } from "../../api/targets";
import { Anchor } from "../../parts/Anchor";
import { type Column, DataTable } from "../../parts/DataTable";
import { EmptyState } from "../../parts/EmptyState";
import { Loaded } from "../../parts/Loaded";
import { useSearch } from "../../parts/useSearch";
import { Wizard } from "../../parts/Wizard";
import css from "../../parts/wizard.module.css";
import { paths } from "../../paths";
import { t } from "../../strings/en";
import { activate as room } from "../../strings/en/activate";
import { configure as configureWords } from "../../strings/en/configure";
import { wizard as wizardWords } from "../../strings/en/wizard";
import { type Destination, join, segmentsOf } from "../destinations/workspace";

const words = room.choose;

const COLUMNS: Column<Destination>[] = [
  { id: "name", label: words.name, cell: ({ flow }) => flow.name, sortBy: ({ flow }) => flow.name, minWidth: 200 },
  {
    id: "account",
    label: words.account,
    cell: ({ account }) => account?.name ?? "",
    sortBy: ({ account }) => account?.name,
    minWidth: 160,
  },
  {
    id: "segments",
    label: words.segments,
    cell: ({ flow }) => segmentsOf(flow).length,
    sortBy: ({ flow }) => segmentsOf(flow).length,
    align: "end",
    width: 130,
  },
];

export function ChoosePage() {
  const [search, setSearch] = useSearch<"spec" | "selected">();
  const specs = useQuery(specsQuery);
  const flows = useQuery(flowsQuery);
  const { data: accounts } = useQuery(accountsQuery);
  const { data: targets } = useQuery(targetsQuery);
  const platform = specs.data?.find((spec) => spec.id === search.spec);
  return (
    <Wizard
      title={words.title}
      trail={<Anchor to={paths.catalog()}>{configureWords.trail}</Anchor>}
      stepsLabel={wizardWords.steps}
      steps={[{ id: "choose", label: platform ? words.lead(platform.name) : words.anyPlatform }]}
      current="choose"
      start={
        <LinkButton variant="secondary" fillStyle="outline" href={paths.catalog()}>
          {t.cancel}
        </LinkButton>
      }
      end={
        <>
          {platform && (
            <LinkButton variant="secondary" href={paths.configure(platform.id)}>
              {words.new}
            </LinkButton>
          )}
          <LinkButton
            variant="accent"
            isDisabled={!search.selected}
            href={search.selected ? paths.activate(search.selected) : undefined}
          >
            {wizardWords.next}
          </LinkButton>
        </>
      }
    >
      <Loaded query={flows}>
        {({ items, hasMore }) => {
          const all = join(items, specs.data ?? [], accounts?.items ?? [], targets?.items ?? []);
          const shown = all.filter(({ spec }) => !search.spec || spec?.id === search.spec);
          if (shown.length === 0) return <EmptyState title={words.none}>{words.noneText}</EmptyState>;
          return (
            <div className={css.stack}>
              <DataTable
                label={words.label}
                columns={COLUMNS}
                rows={shown}
                rowKey={({ flow }) => flow.id}
                sort="name"
                selected={search.selected}
                onSelect={(selected) => setSearch({ selected })}
                hasMore={hasMore}
                isFit
              />
            </div>
          );
        }}
      </Loaded>
    </Wizard>
  );
}
