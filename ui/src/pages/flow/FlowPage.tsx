// A destination: its runs, what is activated to it, and what it is.

import { Button, LinkButton } from "@react-spectrum/s2";
import { useQuery } from "@tanstack/react-query";
import { useParams, useRouter } from "@tanstack/react-router";
import { accountsQuery } from "../../api/accounts";
import { flowQuery } from "../../api/flows";
import { POLL_MILLIS } from "../../api/queries";
import { specsQuery } from "../../api/specs";
import { targetsQuery } from "../../api/targets";
import { Anchor } from "../../parts/Anchor";
import { Loaded } from "../../parts/Loaded";
import { PageHead } from "../../parts/PageHead";
import css from "../../parts/page.module.css";
import { TabLinks } from "../../parts/TabLinks";
import { useSearch } from "../../parts/useSearch";
import { Barred, WriteOnly } from "../../parts/WriteOnly";
import { BASE, paths } from "../../paths";
import { destinations as room } from "../../strings/en/destinations";
import { FlowDialog } from "../destinations/FlowDialog";
import { FlowFacts } from "../destinations/FlowFacts";
import { FlowMenu, offReason, runLabel } from "../destinations/FlowMenu";
import { FlowToggle } from "../destinations/FlowToggle";
import { useFlowActions } from "../destinations/useFlowActions";
import { type Destination, join } from "../destinations/workspace";
import { ActivationData } from "./ActivationData";
import { FlowRuns } from "./FlowRuns";
import { Letters } from "./Letters";

const words = room.details;

export function FlowPage() {
  const { id = "" } = useParams({ strict: false }) as { id?: string };
  const flow = useQuery({ ...flowQuery(id), refetchInterval: POLL_MILLIS });
  const specs = useQuery(specsQuery);
  const accounts = useQuery(accountsQuery);
  const targets = useQuery(targetsQuery);
  return (
    <Loaded query={flow}>
      {(found) => {
        const [one] = join([found], specs.data ?? [], accounts.data?.items ?? [], targets.data?.items ?? []);
        return <Details destination={one ?? { flow: found }} />;
      }}
    </Loaded>
  );
}

function Details({ destination }: { destination: Destination }) {
  const { flow } = destination;
  const router = useRouter();
  const [search] = useSearch<"tab">();
  const { act, asked, renew, close } = useFlowActions();
  const isStream = flow.streamStatus !== undefined && flow.streamStatus !== null;
  const tab = search.tab === "data" || (search.tab === "letters" && isStream) ? search.tab : "runs";
  const tabs = [
    { label: words.runs, to: paths.flow(flow.id), isCurrent: tab === "runs" },
    { label: words.data, to: paths.flow(flow.id, { tab: "data" }), isCurrent: tab === "data" },
  ];
  if (isStream) {
    tabs.push({
      label: words.letters(flow.streamStatus?.letters ?? 0),
      to: paths.flow(flow.id, { tab: "letters" }),
      isCurrent: tab === "letters",
    });
  }
  return (
    <>
      <div className={css.head}>
        <PageHead
          title={flow.name}
          trail={
            <>
              <Anchor to={paths.browse()}>{room.title}</Anchor>
              <span aria-hidden>/</span>
              <span>{destination.spec?.name}</span>
            </>
          }
        >
          <FlowToggle flow={flow} onAction={(action) => act(action, flow)} />
          <WriteOnly>
            <LinkButton variant="accent" size="S" href={paths.activate(flow.id)}>
              {room.actions.activate}
            </LinkButton>
            <Barred why={offReason(flow)}>
              {(isBarred) => (
                <Button variant="secondary" size="S" isDisabled={isBarred} onPress={() => void act("run", flow)}>
                  {runLabel(flow)}
                </Button>
              )}
            </Barred>
          </WriteOnly>
          <FlowMenu flow={flow} without={["open", "run"]} onAction={(action) => act(action, flow)} />
        </PageHead>
        <TabLinks label={words.label} tabs={tabs} />
      </div>
      <div className={css.split}>
        <div className={css.page}>
          {tab === "runs" && <FlowRuns flow={flow} />}
          {tab === "data" && <ActivationData destination={destination} />}
          {tab === "letters" && <Letters flow={flow} />}
        </div>
        <aside className={css.aside} aria-label={words.about}>
          <FlowFacts destination={destination} />
        </aside>
      </div>
      <FlowDialog
        asked={asked}
        onClose={close}
        onDone={async (action) => {
          if (action === "delete") await router.navigate({ href: BASE + paths.browse() });
          await renew();
        }}
      />
    </>
  );
}
