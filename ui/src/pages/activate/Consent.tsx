// Who is left out of each segment: for lack of consent, or since they are on the suppression list.

import { useQuery } from "@tanstack/react-query";
import { type ConsentOfSegment, countWithheld, type WithheldCount } from "../../api/policyCheck";
import type { Flow } from "../../api/shapes";
import { ErrorState } from "../../parts/ErrorState";
import { formatCount } from "../../parts/format";
import { PageLoading } from "../../parts/PageLoading";
import { Section } from "../../parts/Section";
import { NONE } from "../../parts/values";
import css from "../../parts/wizard.module.css";
import { activate as room } from "../../strings/en/activate";
import own from "./activate.module.css";
import { allowedText } from "./consentText";
import type { DraftSegment } from "./draft";

const words = room.consent;

type Props = { flow: Flow; segments: DraftSegment[]; consent: ConsentOfSegment[] };

export function Consent({ flow, segments, consent }: Props) {
  const query = useQuery({
    queryKey: ["withheld", JSON.stringify(flow.transformations), JSON.stringify(flow.policy)],
    queryFn: () => countWithheld(flow as never),
    staleTime: 60_000,
  });
  const nameOf = (id: string) => segments.find((one) => one.id === id)?.name ?? id;
  const policies = new Map(consent.flatMap((one) => one.policies.map((policy) => [policy.id, policy])));
  const counted = query.data?.segments ?? [];
  return (
    <Section title={words.title}>
      {policies.size > 0 && (
        <ul className={own.notes}>
          {[...policies.values()].map((policy) => (
            <li key={policy.id}>{words.asks(policy.name, allowedText(policy.allowed))}</li>
          ))}
        </ul>
      )}
      {query.isLoading && <PageLoading lines={3} />}
      {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.data === null && <p className={css.quiet}>{policies.size > 0 ? words.noNumbers : words.none}</p>}
      {counted.length > 0 && (
        <div className={css.scroll}>
          <table className={css.table} aria-label={words.title}>
            <thead>
              <tr>
                <th>{words.segment}</th>
                <th data-number>{words.members}</th>
                <th>{words.policy}</th>
                <th data-number>{words.suppressed}</th>
                <th data-number>{words.left}</th>
              </tr>
            </thead>
            <tbody>
              {counted.map((one) => (
                <tr key={one.segmentId}>
                  <td className={css.names}>{nameOf(one.segmentId)}</td>
                  {one.evaluated ? (
                    <>
                      <td data-number>{formatCount(one.members)}</td>
                      <td>{one.consent.map((policy) => `${policy.name}: ${rangeText(policy)}`).join("; ") || NONE}</td>
                      <td data-number>{rangeText(one.suppressed)}</td>
                      <td data-number>{rangeText(remaining(one.members, one.all))}</td>
                    </>
                  ) : (
                    <td colSpan={4}>{words.notEvaluated}</td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {(query.data?.segmentsLeftOut ?? 0) > 0 && (
        <p className={css.quiet}>{words.leftOut(query.data?.segmentsLeftOut ?? 0)}</p>
      )}
    </Section>
  );
}

function remaining(members: number, all: WithheldCount): WithheldCount {
  return { profiles: members - all.profiles, low: members - all.high, high: members - all.low };
}

function rangeText({ profiles, low, high }: WithheldCount): string {
  return low === high ? formatCount(profiles) : words.range(formatCount(low), formatCount(high));
}
