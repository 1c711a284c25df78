// Connecting to the destination: a new account is made where it works, one that is there is tried.

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { createAccount, testAccount } from "../../api/accounts";
import { Problem } from "../../api/problem";
import type { Spec } from "../../api/shapes";
import type { ProbeStep } from "../../parts/ProbeSteps";
import { configure as words } from "../../strings/en/configure";
import { accountBody, type ConfigureDraft } from "./draft";
import { type UnknownKey, unknownKeyOf, withFieldsAtFault } from "./fault";

export type Connecting = {
  isBusy: boolean;
  steps: ProbeStep[];
  problem?: Problem;
  /** The same with the fields at fault. */
  atFault?: Problem;
  unknownKey?: UnknownKey;
  connect: () => void;
  /** Approves the unknown key, and connects. */
  approve: () => void;
  clear: () => void;
};

type Outcome = Pick<Connecting, "steps" | "problem" | "atFault" | "unknownKey">;
const NOTHING: Outcome = { steps: [] };

export function useConnecting(
  spec: Spec,
  draft: ConfigureDraft,
  onChange: (part: Partial<ConfigureDraft>) => void,
): Connecting {
  const queries = useQueryClient();
  const [isBusy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Outcome>(NOTHING);

  const connect = async (from: ConfigureDraft) => {
    setBusy(true);
    setOutcome(NOTHING);
    try {
      const answer = from.isNewAccount
        ? await createAccount(accountBody(spec, from))
        : { id: from.accountId ?? "", ...(await testAccount(from.accountId ?? "")) };
      await queries.invalidateQueries({ queryKey: ["accounts"] });
      setOutcome({ steps: (answer.probe?.steps ?? []) as ProbeStep[] });
      // From here on it is an account like others, and what it was made of is not needed any more.
      onChange({ isNewAccount: false, accountId: answer.id, connectedId: answer.id, params: {}, publicKey: "" });
    } catch (error) {
      const problem = Problem.from(error);
      const schema = spec.authSpec.find((auth) => auth.name === from.authSpec)?.spec;
      const unknownKey = from.isNewAccount ? unknownKeyOf(problem) : undefined;
      // A key to be approved is a question, and no field is wrong.
      const atFault =
        from.isNewAccount && schema && !unknownKey
          ? withFieldsAtFault(problem, schema, "/auth/params", words.account.atFault)
          : undefined;
      setOutcome({ steps: [], problem, ...(atFault && { atFault }), ...(unknownKey && { unknownKey }) });
      onChange({ connectedId: undefined });
    } finally {
      setBusy(false);
    }
  };
  const approve = () => {
    if (!outcome.unknownKey) return;
    const params = { ...draft.params, hostKey: outcome.unknownKey.line };
    onChange({ params });
    void connect({ ...draft, params });
  };
  return {
    ...outcome,
    isBusy,
    connect: () => void connect(draft),
    approve,
    clear: () => setOutcome(NOTHING),
  };
}
