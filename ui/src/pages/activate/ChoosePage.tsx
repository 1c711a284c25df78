// To which of the destinations of a kind segments are activated, or that another one is configured first.

import { LinkButton } from "@react-spectrum/s2";
import { useQuery } from "@tanstack/react-query";
import { accountsQuery } from "../../api/accounts";
import { flowsQuery } from "../../api/flows";
import { segmentNamesQuery } from "../../api/segments";
import type { Flow } from "../../api/shapes";
import { specsQuery } from "../../api/specs";
import { targetsQuery } from "../../api/targets";
import { Anchor } from "../../parts/Anchor";
import { type Column, DataTable } from "../../parts/DataTable";
import { EmptyState } from "../../parts/EmptyState";
import { GoOn } from "../../parts/GoOn";
import { Loaded } from "../../parts/Loaded";
import { useSearch } from "../../parts/useSearch";
import { NONE } from "../../parts/values";
import { Wizard } from "../../parts/Wizard";
import css from "../../parts/wizard.module.css";
import { paths } from "../../paths";
import { t } from "../../strings/en";
import { activate as room } from "../../strings/en/activate";
import { configure as configureWords } from "../../strings/en/configure";
import { wizard as wizardWords } from "../../strings/en/wizard";
import { Platform } from "../destinations/Platform";
import { FlowLight, flowState } from "../destinations/states";
import { type Destination, join, placeOf, segmentsOf } from "../destinations/workspace";

const words = room.choose;

/** What the destinations are, and whether they have the segment already. */
function columnsOf(segment: string | undefined): Column<Destination>[] {
  const has = (flow: Flow) => segmentsOf(flow).some((one) => one.value.id === segment);
  const text = (id: string, label: string, of: (one: Destination) => string | undefined, minWidth: number) => ({
    id,
    label,
    minWidth,
    sortBy: of,
    cell: (one: Destination) => <span title={of(one)}>{of(one) || NONE}</span>,
  });
  return [
    text("name", words.name, ({ flow }) => flow.name, 180),
    {
      id: "platform",
      label: words.platform,
      minWidth: 185,
      sortBy: ({ spec }) => spec?.name,
      cell: ({ spec }) => <Platform spec={spec} />,
    },
    text("place", words.place, placeOf, 170),
    text("account", words.account, ({ account }) => account?.name, 110),
    {
      id: "segments",
      label: words.segments,
      minWidth: 150,
      sortBy: ({ flow }) => segmentsOf(flow).length,
      cell: ({ flow }) => (has(flow) ? words.hasIt(segmentsOf(flow).length) : segmentsOf(flow).length),
    },
    {
      id: "status",
      label: words.status,
      minWidth: 120,
      sortBy: ({ flow }) => flowState(flow),
      cell: ({ flow }) => <FlowLight flow={flow} isShort />,
    },
  ];
}

export function ChoosePage() {
  const [search, setSearch] = useSearch<"spec" | "selected" | "segment">();
  const specs = useQuery(specsQuery);
  const flows = useQuery(flowsQuery);
  const { data: accounts } = useQuery(accountsQuery);
  const { data: targets } = useQuery(targetsQuery);
  const { data: names } = useQuery({ ...segmentNamesQuery, enabled: search.segment !== undefined });
  const segment = names?.get(search.segment ?? "");
  const all = join(flows.data?.items ?? [], specs.data ?? [], accounts?.items ?? [], targets?.items ?? []);
  const shown = all.filter(({ spec }) => !search.spec || spec?.id === search.spec);
  // Where there is only one, nobody need choose.
  const selected = search.selected ?? (shown.length === 1 ? shown[0]?.flow.id : undefined);
  const platform = specs.data?.find((spec) => spec.id === search.spec);
  return (
    <Wizard
      title={segment ? words.titleOf(segment) : words.title}
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
          <LinkButton
            variant="secondary"
            href={
              platform
                ? paths.configure(platform.id, { segment: search.segment })
                : paths.catalog({ segment: search.segment })
            }
          >
            {words.new}
          </LinkButton>
          <GoOn
            label={wizardWords.next}
            block={selected ? undefined : words.needed}
            href={paths.activate(selected ?? "", { segment: search.segment })}
          />
        </>
      }
    >
      <Loaded query={flows}>
        {({ hasMore }) => {
          if (shown.length === 0) return <EmptyState title={words.none}>{words.noneText}</EmptyState>;
          return (
            <div className={css.stack}>
              <DataTable
                label={words.label}
                columns={columnsOf(search.segment)}
                rows={shown}
                rowKey={({ flow }) => flow.id}
                sort="name"
                selected={selected}
                onSelect={(chosen) => setSearch({ selected: chosen })}
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
