// The destinations that a policy paused, and which ways of data it forbids in them.

import { Button, ButtonGroup, Content, Dialog, DialogContainer, Heading } from "@react-spectrum/s2";
import { useQueries, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { GovernancePolicy } from "../../api/dataShapes";
import { flowsQuery } from "../../api/flows";
import { flowCheckQuery } from "../../api/policyCheck";
import type { Flow } from "../../api/shapes";
import { Anchor } from "../../parts/Anchor";
import { ErrorState } from "../../parts/ErrorState";
import { PageLoading } from "../../parts/PageLoading";
import css from "../../parts/page.module.css";
import { ViolationList } from "../../parts/Violations";
import { paths } from "../../paths";
import { t } from "../../strings/en";
import { policies as room } from "../../strings/en/policies";

const words = room.pauses;

export function PolicyPauses({ policy }: { policy: GovernancePolicy }) {
  const [isShown, setShown] = useState(false);
  const { data } = useQuery(flowsQuery);
  const paused = (data?.items ?? []).filter((flow) =>
    flow.pause?.violations?.some(({ policyId }) => policyId === policy.id),
  );
  if (paused.length === 0) return null;
  return (
    <section aria-label={words.title} className={css.plain}>
      <strong>{words.title}</strong>
      {paused.map((flow) => (
        <Anchor key={flow.id} to={paths.flow(flow.id)}>
          {flow.name}
        </Anchor>
      ))}
      <div>
        <Button variant="secondary" size="S" onPress={() => setShown(true)}>
          {words.show}
        </Button>
      </div>
      {isShown && <WhyDialog policy={policy} flows={paused} onClose={() => setShown(false)} />}
    </section>
  );
}

type WhyProps = { policy: GovernancePolicy; flows: Flow[]; onClose: () => void };

function WhyDialog({ policy, flows, onClose }: WhyProps) {
  const checks = useQueries({ queries: flows.map((flow) => flowCheckQuery(flow)) });
  const failed = checks.find((check) => check.isError);
  const violations = checks
    .flatMap(({ data }) => data?.violations ?? [])
    .filter((violation) => violation.policy.id === policy.id);
  const isWhole = checks.every(({ data }) => data !== undefined);
  return (
    <DialogContainer onDismiss={onClose}>
      <Dialog size="XL">
        <Heading slot="title">{policy.name}</Heading>
        <Content>
          {failed && <ErrorState error={failed.error} wanted={words.show} />}
          {!failed && !isWhole && <PageLoading lines={4} />}
          {isWhole && violations.length === 0 && <p>{words.over}</p>}
          <ViolationList violations={violations} />
        </Content>
        <ButtonGroup>
          <Button variant="secondary" onPress={onClose}>
            {t.close}
          </Button>
        </ButtonGroup>
      </Dialog>
    </DialogContainer>
  );
}
