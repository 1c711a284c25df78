// Which fields go along, under which names, and what they are for.

import type { Flow, ProfileSelector } from "../../api/shapes";
import { type Column, DataTable } from "../../parts/DataTable";
import { Section } from "../../parts/Section";
import { NONE } from "../../parts/values";
import { destinations as room } from "../../strings/en/destinations";

const words = room.details;

export function Mapping({ flow }: { flow: Flow }) {
  const params = flow.transformations?.[0]?.params;
  const rows = params?.profileSelectors?.selectors ?? [];
  if (rows.length === 0) return null;
  const mandatory = new Set(params?.mandatoryFields ?? []);
  const keys = new Set((params?.primaryFields ?? []).map((field) => field.attributePath));
  const roles = ({ value }: ProfileSelector) =>
    [mandatory.has(value.path) && words.mandatory, keys.has(value.path) && words.dedup].filter(Boolean).join(", ");
  const columns: Column<ProfileSelector>[] = [
    {
      id: "source",
      label: words.source,
      minWidth: 200,
      sortBy: ({ value }) => value.path,
      cell: ({ value }) => <code>{value.path}</code>,
    },
    {
      id: "target",
      label: words.targetField,
      minWidth: 160,
      sortBy: ({ value }) => value.mapping?.destination ?? value.path,
      cell: ({ value }) => <code>{value.mapping?.destination ?? value.path}</code>,
    },
    { id: "role", label: words.role, minWidth: 180, cell: (field) => roles(field) || NONE },
  ];
  return (
    <Section title={words.mapping}>
      <DataTable
        isFit
        at="mapping"
        label={words.mapping}
        columns={columns}
        rows={rows}
        rowKey={({ value }) => value.path + (value.mapping?.destination ?? "")}
      />
    </Section>
  );
}
