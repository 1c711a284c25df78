// The segments that a profile is in, or was until the last evaluation.

import { Content, Heading, InlineAlert } from "@react-spectrum/s2";
import { useQuery } from "@tanstack/react-query";
import type { FoundProfile, Membership } from "../../api/people";
import { segmentNamesQuery } from "../../api/segments";
import { Anchor } from "../../parts/Anchor";
import { type Column, DataTable } from "../../parts/DataTable";
import css from "../../parts/page.module.css";
import { Section } from "../../parts/Section";
import { State, Time } from "../../parts/values";
import { paths } from "../../paths";
import { profiles as room } from "../../strings/en/profiles";

const words = room.memberships;
const VARIANTS = { realized: "positive", existing: "positive", exited: "neutral" } as const;

export function Memberships({ profile }: { profile: FoundProfile }) {
  const { data: names } = useQuery(segmentNamesQuery);
  const rows = profile.segmentMembership;
  const unknown = profile.segmentsUnknown ?? [];
  return (
    <Section title={words.title}>
      {rows.length === 0 ? (
        <p className={css.quiet}>{words.none}</p>
      ) : (
        <DataTable
          at="segments"
          label={words.title}
          columns={columns}
          rows={rows}
          rowKey={(row) => row.segmentId}
          sort="name"
          isFit
        />
      )}
      {unknown.length > 0 && (
        <InlineAlert variant="notice">
          <Heading>{words.unknown}</Heading>
          <Content>{unknown.map((id) => names?.get(id) ?? id).join(", ")}</Content>
        </InlineAlert>
      )}
    </Section>
  );
}

const columns: Column<Membership>[] = [
  {
    id: "name",
    label: words.segment,
    minWidth: 200,
    sortBy: ({ name, segmentId }) => name ?? segmentId,
    cell: ({ name, segmentId }) => <Anchor to={paths.segment(segmentId)}>{name ?? segmentId}</Anchor>,
  },
  {
    id: "status",
    label: words.status,
    width: 170,
    sortBy: ({ status }) => status,
    cell: ({ status }) => <State variant={VARIANTS[status] ?? "neutral"}>{words.states[status] ?? status}</State>,
  },
  {
    id: "qualified",
    label: words.qualified,
    minWidth: 172,
    sortBy: ({ lastQualificationTime }) => lastQualificationTime ?? 0,
    cell: ({ lastQualificationTime }) => <Time at={lastQualificationTime} />,
  },
  {
    id: "evaluated",
    label: words.evaluated,
    minWidth: 172,
    sortBy: ({ evaluatedAt }) => evaluatedAt ?? 0,
    cell: ({ evaluatedAt }) => <Time at={evaluatedAt} />,
  },
];
