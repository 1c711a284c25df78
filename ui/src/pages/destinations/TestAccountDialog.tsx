// Tries an account's credentials now, and shows each step as it passes.

import { Button, ButtonGroup, Content, Dialog, DialogContainer, Heading, ProgressBar } from "@react-spectrum/s2";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { patchAccount, testAccount } from "../../api/accounts";
import type { HostKey, ProbeStep } from "../../api/probe";
import { Problem } from "../../api/problem";
import type { Account, Spec } from "../../api/shapes";
import { authSchemaOf } from "../../api/specs";
import { ErrorState } from "../../parts/ErrorState";
import { hostKeyOf, labelsOf } from "../../parts/fault";
import { HostKeyNotice } from "../../parts/HostKey";
import { ProbeSteps } from "../../parts/ProbeSteps";
import css from "../../parts/page.module.css";
import { t } from "../../strings/en";
import { destinations as room } from "../../strings/en/destinations";
import { approvalOf } from "./accountForm";

const words = room.accounts;

type Props = { account: Account; spec: Spec | undefined; onClose: () => void };

export function TestAccountDialog({ account, spec, onClose }: Props) {
  const queries = useQueryClient();
  const [steps, setSteps] = useState<ProbeStep[]>([]);
  const [approved, setApproved] = useState<HostKey>();
  const query = useQuery({
    queryKey: ["account-test", account.id, approved?.fingerprint],
    queryFn: async ({ signal }) => {
      setSteps([]);
      const watch = { signal, onSteps: setSteps };
      if (!approved) return testAccount(account.id, watch);
      const answer = await patchAccount(account, approvalOf(account, approved), watch);
      await queries.invalidateQueries({ queryKey: ["accounts"] });
      return answer;
    },
    // A test is what somebody asked for just now, and once.
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  const hostKey = query.isError ? hostKeyOf(Problem.from(query.error)) : undefined;
  return (
    <DialogContainer onDismiss={onClose}>
      <Dialog size="S">
        <Heading slot="title">{words.testOf(account.name)}</Heading>
        <Content>
          <div className={css.form} aria-live="polite">
            {query.isFetching ? (
              <>
                <ProgressBar isIndeterminate label={words.testTitle} />
                <ProbeSteps steps={steps} />
              </>
            ) : hostKey ? (
              <HostKeyNotice hostKey={hostKey} onApprove={() => setApproved(hostKey)} />
            ) : (
              query.isError && (
                <ErrorState
                  error={query.error}
                  wanted={words.testTitle}
                  labels={labelsOf(authSchemaOf(account, spec))}
                />
              )
            )}
            {query.data && !query.isFetching && (
              <>
                <p className={css.text}>{words.tested(account.name)}.</p>
                <ProbeSteps steps={query.data.probe?.steps ?? []} />
              </>
            )}
          </div>
        </Content>
        <ButtonGroup>
          <Button variant="secondary" isPending={query.isFetching} onPress={() => void query.refetch()}>
            {t.problem.again}
          </Button>
          <Button variant="accent" onPress={onClose}>
            {t.close}
          </Button>
        </ButtonGroup>
      </Dialog>
    </DialogContainer>
  );
}
