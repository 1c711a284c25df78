// Connecting to the destination: a new account is made where it works, one that is there is tried.

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { createAccount, patchAccount, testAccount } from "../../api/accounts";
import type { HostKey, ProbeStep } from "../../api/probe";
import { Problem } from "../../api/problem";
import type { Account, Spec } from "../../api/shapes";
import { hostKeyOf, withFieldsAtFault, withHostKey } from "../../parts/fault";
import { useProbing } from "../../parts/useProbing";
import { t } from "../../strings/en";
import { approvalOf } from "../destinations/accountForm";
import { accountBody, type ConfigureDraft } from "./draft";

export type Connecting = {
  isBusy: boolean;
  /** What was done, or is so far. */
  steps: ProbeStep[];
  problem?: Problem;
  /** The same with the fields at fault. */
  atFault?: Problem;
  hostKey?: HostKey;
  connect: () => void;
  /** Approves the key, and connects. */
  approve: () => void;
  clear: () => void;
};

type Outcome = { steps: ProbeStep[]; problem?: Problem };
const NOTHING: Outcome = { steps: [] };

export function useConnecting(
  spec: Spec,
  accounts: Account[],
  draft: ConfigureDraft,
  onChange: (part: Partial<ConfigureDraft>) => void,
): Connecting {
  const queries = useQueryClient();
  const probing = useProbing();
  const [isBusy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Outcome>(NOTHING);

  const connect = async (from: ConfigureDraft, approved?: HostKey) => {
    setBusy(true);
    setOutcome(NOTHING);
    const watch = probing.begin();
    const account = accounts.find(({ id }) => id === from.accountId);
    try {
      const answer = from.isNewAccount
        ? await createAccount(accountBody(spec, from), watch)
        : account && approved
          ? await patchAccount(account, approvalOf(account, approved), watch)
          : { id: from.accountId ?? "", ...(await testAccount(from.accountId ?? "", watch)) };
      await queries.invalidateQueries({ queryKey: ["accounts"] });
      setOutcome({ steps: answer.probe?.steps ?? [] });
      // From here on it is an account like others, and what it was made of is not needed any more.
      onChange({ isNewAccount: false, accountId: answer.id, connectedId: answer.id, params: {}, publicKey: "" });
    } catch (error) {
      if (watch.signal.aborted) return;
      setOutcome({ steps: [], problem: Problem.from(error) });
      onChange({ connectedId: undefined });
    } finally {
      if (!watch.signal.aborted) {
        probing.end();
        setBusy(false);
      }
    }
  };
  const clear = () => {
    probing.end();
    setBusy(false);
    setOutcome(NOTHING);
  };
  const hostKey = hostKeyOf(outcome.problem);
  const approve = () => {
    if (!hostKey) return;
    if (!draft.isNewAccount) return void connect(draft, hostKey);
    const params = withHostKey(draft.params, hostKey);
    onChange({ params });
    void connect({ ...draft, params });
  };
  const { problem } = outcome;
  return {
    steps: isBusy ? probing.steps : outcome.steps,
    isBusy,
    ...(problem && { problem }),
    ...(problem && draft.isNewAccount && { atFault: withFieldsAtFault(problem, t.atFault) }),
    ...(hostKey && { hostKey }),
    connect: () => void connect(draft),
    approve,
    clear,
  };
}
