// Tries an account's credentials now, and shows each step.

import { Button, ButtonGroup, Content, Dialog, DialogContainer, Heading, ProgressCircle } from "@react-spectrum/s2";
import { useQuery } from "@tanstack/react-query";
import { testAccount } from "../../api/accounts";
import type { Account } from "../../api/shapes";
import { ErrorState } from "../../parts/ErrorState";
import { type ProbeStep, ProbeSteps } from "../../parts/ProbeSteps";
import { t } from "../../strings/en";
import { destinations as room } from "../../strings/en/destinations";
import css from "./destinations.module.css";

const words = room.accounts;

export function TestAccountDialog({ account, onClose }: { account: Account; onClose: () => void }) {
  const query = useQuery({
    queryKey: ["account-test", account.id],
    queryFn: () => testAccount(account.id),
    // A test is what somebody asked for just now, and once.
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const steps = (query.data?.probe?.steps ?? []) as ProbeStep[];
  return (
    <DialogContainer onDismiss={onClose}>
      <Dialog size="S">
        <Heading slot="title">{words.testOf(account.name)}</Heading>
        <Content>
          <div className={css.form}>
            {query.isPending && <ProgressCircle isIndeterminate aria-label={words.testTitle} />}
            {query.isError && <ErrorState error={query.error} wanted={words.testTitle} />}
            {query.data && (
              <>
                <p className={css.lead}>{words.tested(account.name)}.</p>
                <ProbeSteps steps={steps} />
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
