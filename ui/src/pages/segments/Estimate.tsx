// How many profiles a rule selects, and some of them. Asked on demand: it reads profiles.

import { Button, ProgressCircle } from "@react-spectrum/s2";
import type { UseMutationResult } from "@tanstack/react-query";
import type { Sampled } from "../../api/definitions";
import { Problem } from "../../api/problem";
import { ErrorState } from "../../parts/ErrorState";
import { formatCount } from "../../parts/format";
import css from "../../parts/page.module.css";
import { Section, Tile } from "../../parts/Section";
import { segments as room } from "../../strings/en/segments";
import { RecordTable } from "../datasets/RecordTable";
import { useProfileColumns } from "../datasets/useProfileColumns";

const words = room.estimate;

export type Asked = UseMutationResult<Sampled & { rule: string }, Error, string>;

export function Estimate({ rule, asked, isDisabled }: { rule: string; asked: Asked; isDisabled: boolean }) {
  const { data, error, isPending } = asked;
  // What is wrong with the rule itself is shown at the rule.
  const isOfRule = error !== null && Problem.from(error).fields.length > 0;
  return (
    <Section
      title={words.title}
      tools={
        <Button variant="secondary" isDisabled={isDisabled} isPending={isPending} onPress={() => asked.mutate(rule)}>
          {words.ask}
        </Button>
      }
    >
      <p className={css.quiet}>{data && data.rule !== rule ? words.stale : words.lead}</p>
      {isPending && <ProgressCircle isIndeterminate size="S" aria-label={words.ask} />}
      {error && !isOfRule && <ErrorState error={error} wanted={words.ask} onRetry={() => asked.mutate(rule)} />}
      {data && <Found data={data} />}
    </Section>
  );
}

function Found({ data }: { data: Sampled }) {
  const { estimatedSize, low, high, totalRows, confidenceInterval } = data.estimate;
  const columns = useProfileColumns();
  const percent = totalRows === 0 ? 0 : (100 * estimatedSize) / totalRows;
  return (
    <>
      <div className={css.tiles}>
        <Tile label={words.size} value={formatCount(estimatedSize)}>
          {`${words.of(totalRows)} (${words.share(percent.toFixed(percent < 10 ? 2 : 1))})`}
        </Tile>
        <Tile label={words.uncertainty} value={low === high ? "±0" : `±${formatCount(Math.round((high - low) / 2))}`}>
          {low === high ? words.exact : words.between(low, high, confidenceInterval)}
        </Tile>
      </div>
      {data.profiles.length === 0 ? (
        <p className={css.quiet}>{words.none}</p>
      ) : (
        columns && <RecordTable records={data.profiles} columns={columns} />
      )}
    </>
  );
}
