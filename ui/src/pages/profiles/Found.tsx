// What is known of one person: their profiles, where their data went, and whether they are to be exported.

import { Button, Content, Heading, InlineAlert } from "@react-spectrum/s2";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Departure } from "../../api/dataShapes";
import { flowsQuery } from "../../api/flows";
import { findWhereabouts, type Person, type Whereabouts } from "../../api/people";
import { segmentNamesQuery } from "../../api/segments";
import { Anchor } from "../../parts/Anchor";
import { DataTable } from "../../parts/DataTable";
import { EmptyState } from "../../parts/EmptyState";
import { Section } from "../../parts/Section";
import { showProblem } from "../../parts/toast";
import { Time } from "../../parts/values";
import { paths } from "../../paths";
import { profiles as words } from "../../strings/en/profiles";
import css from "../pages.module.css";
import { departureColumns } from "./departureColumns";
import { Suppression } from "./Suppression";

export function Found({ person, first }: { person: Person; first: Whereabouts }) {
  const [pages, setPages] = useState([first]);
  const [isLoading, setLoading] = useState(false);
  const segments = useQuery(segmentNamesQuery);
  const flows = useQuery(flowsQuery);
  const departures = pages.flatMap((page) => page.departures);
  const unreadable = pages.flatMap((page) => page.unreadable);
  const next = pages.at(-1)?.next ?? undefined;
  const ids = [...new Set(departures.flatMap(({ segmentId }) => (segmentId ? [segmentId] : [])))];
  const more = async () => {
    setLoading(true);
    try {
      const page = await findWhereabouts(person, next);
      setPages((before) => [...before, page]);
    } catch (error) {
      showProblem(error, words.more);
    }
    setLoading(false);
  };
  return (
    <>
      <Section title={words.found(first.profileIds.length)}>
        {first.profileIds.length > 0 ? (
          <>
            <p className={css.quiet}>{words.foundText}</p>
            <ul className={css.plain}>
              {first.profileIds.map((id) => (
                <li key={id}>
                  <code>{id}</code>
                </li>
              ))}
            </ul>
          </>
        ) : (
          <p className={css.quiet}>{words.notFoundText}</p>
        )}
        <dl className={css.facts}>
          <div>
            <dt>{words.segments}</dt>
            <dd>
              {ids.length === 0
                ? words.noSegments
                : ids.map((id, at) => (
                    <span key={id}>
                      {at > 0 && ", "}
                      <Anchor to={paths.segment(id)}>{segments.data?.get(id) ?? id}</Anchor>
                    </span>
                  ))}
            </dd>
          </div>
          <div>
            <dt>{words.completeSince}</dt>
            <dd>{first.completeSince ? <Time at={first.completeSince} /> : words.never}</dd>
          </div>
        </dl>
      </Section>
      <Suppression person={person} />
      {unreadable.length > 0 && (
        <InlineAlert variant="notice">
          <Heading>{words.unreadable(unreadable.length)}</Heading>
          <Content>{words.unreadableText}</Content>
        </InlineAlert>
      )}
      <Section title={words.where}>
        {departures.length === 0 ? (
          <EmptyState title={words.none}>{words.noneText}</EmptyState>
        ) : (
          <DataTable
            label={words.where}
            name="departures"
            columns={departureColumns(segments.data, new Set(flows.data?.items.map((flow) => flow.id)))}
            rows={departures}
            rowKey={keyOf}
            sort="-leftAt"
            isFit
          />
        )}
        {next !== undefined && (
          <div>
            <Button variant="secondary" isPending={isLoading} onPress={() => void more()}>
              {words.more}
            </Button>
          </div>
        )}
      </Section>
    </>
  );
}

function keyOf({ flowId, runId, segmentId, sequence, file, leftAt }: Departure): string {
  return [flowId, runId, segmentId, sequence, file, leftAt].join(" ");
}
