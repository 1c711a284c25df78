// One segment: its rule, its membership, where it flows.

import { LinkButton } from "@react-spectrum/s2";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams, useRouter } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Definition } from "../../api/dataShapes";
import { definitionQuery } from "../../api/definitions";
import { POLL_MILLIS } from "../../api/queries";
import { Anchor } from "../../parts/Anchor";
import { CopyBlock } from "../../parts/CopyBlock";
import { Loaded } from "../../parts/Loaded";
import { PageHead } from "../../parts/PageHead";
import css from "../../parts/page.module.css";
import { Facts } from "../../parts/Rail";
import { RowMenu } from "../../parts/RowMenu";
import { TabLinks } from "../../parts/TabLinks";
import { useAsked } from "../../parts/useAsked";
import { useSearch } from "../../parts/useSearch";
import { Count, NONE, State, Time } from "../../parts/values";
import { WriteButton, Writing } from "../../parts/WriteOnly";
import { BASE, paths } from "../../paths";
import { t } from "../../strings/en";
import { segments as words } from "../../strings/en/segments";
import { DeleteSegmentDialog } from "./DeleteSegmentDialog";
import { FlowsTab } from "./FlowsTab";
import { MembersTab } from "./MembersTab";
import { RuleTab } from "./RuleTab";
import { useEvaluation } from "./useEvaluation";

const TABS = ["rule", "members", "flows", "details"] as const;

export function SegmentPage() {
  const { id = "" } = useParams({ strict: false }) as { id?: string };
  const query = useQuery({ ...definitionQuery(id), refetchInterval: POLL_MILLIS });
  return <Loaded query={query}>{(segment) => <Shown key={segment.id} segment={segment} />}</Loaded>;
}

function Shown({ segment }: { segment: Definition }) {
  const [search] = useSearch<"tab">();
  const { asked, open, close } = useAsked();
  const router = useRouter();
  const queries = useQueryClient();
  const tab = TABS.find((one) => one === search.tab) ?? "rule";
  const { isBusy, last, start } = useEvaluation(segment.id);
  return (
    <>
      <div className={css.head}>
        <PageHead title={segment.name} trail={<Anchor to={paths.segments()}>{words.title}</Anchor>}>
          {last?.status === "FAILED" && <State variant="negative">{words.evaluationFailed}</State>}
          <span>
            {segment.counts ? (
              <>
                {words.columns.size}: <Count value={segment.counts.profiles} />
              </>
            ) : (
              words.never
            )}
          </span>
          <WriteButton variant="secondary" isPending={isBusy} onPress={start}>
            {words.evaluate}
          </WriteButton>
          <Writing>
            {(isBarred) => (
              <LinkButton variant="accent" href={paths.activateOne({ segment: segment.id })} isDisabled={isBarred}>
                {words.activate}
              </LinkButton>
            )}
          </Writing>
          <RowMenu label={t.more} size="M" items={[{ id: "delete", label: words.delete }]} onAction={open} />
        </PageHead>
        <TabLinks
          label={words.tabs.label}
          tabs={TABS.map((one) => ({
            label: words.tabs[one],
            to: paths.segment(segment.id, { tab: one === "rule" ? undefined : one }),
            isCurrent: one === tab,
          }))}
        />
      </div>
      {tab === "rule" && <RuleTab segment={segment} />}
      {tab === "members" && <MembersTab segment={segment} />}
      {tab === "flows" && <FlowsTab segment={segment} />}
      {tab === "details" && <Details segment={segment} />}
      {asked === "delete" && (
        <DeleteSegmentDialog
          segment={segment}
          onClose={close}
          onDone={async () => {
            await router.navigate({ href: BASE + paths.segments() });
            queries.removeQueries({ queryKey: ["segments", "definitions", segment.id] });
          }}
        />
      )}
    </>
  );
}

function Details({ segment }: { segment: Definition }) {
  const { counts } = segment;
  const facts: [string, ReactNode][] = [
    [words.columns.description, segment.description || NONE],
    [words.columns.rule, <code key="rule">{segment.expression.value}</code>],
    [words.details.format, words.details.formats[segment.expression.format]],
    [words.columns.size, <Count key="size" value={counts?.profiles} />],
    [words.columns.evaluated, counts ? <Time key="evaluated" at={counts.evaluatedAt} /> : words.never],
    [words.columns.created, <Time key="created" at={segment.creationTime} />],
    [words.columns.by, segment.createdBy ?? NONE],
    [words.columns.changed, <Time key="changed" at={segment.updateTime} />],
    [words.details.id, <CopyBlock key="id" text={segment.id} label={words.details.id} />],
  ];
  return (
    <div className={css.page}>
      <Facts isWide facts={facts} />
    </div>
  );
}
