// The wizard that makes a destination: authentication, setup, done.

import { Button, LinkButton } from "@react-spectrum/s2";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams, useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { accountsQuery } from "../../api/accounts";
import { flowQuery } from "../../api/flows";
import { Problem } from "../../api/problem";
import type { Account, Spec } from "../../api/shapes";
import { specsQuery } from "../../api/specs";
import { Anchor } from "../../parts/Anchor";
import { DraftNotice } from "../../parts/DraftNotice";
import { EmptyState } from "../../parts/EmptyState";
import { GoOn, missing } from "../../parts/GoOn";
import { LeaveGuard } from "../../parts/LeaveGuard";
import { Loaded } from "../../parts/Loaded";
import { missingOf } from "../../parts/schema";
import { useDraft } from "../../parts/useDraft";
import { useProbing } from "../../parts/useProbing";
import { useSearch } from "../../parts/useSearch";
import { Wizard } from "../../parts/Wizard";
import { Needs } from "../../parts/WriteOnly";
import { BASE, paths } from "../../paths";
import { t } from "../../strings/en";
import { configure as words } from "../../strings/en/configure";
import { wizard as wizardWords } from "../../strings/en/wizard";
import { AuthenticationStep } from "./AuthenticationStep";
import { type Created, createDestination } from "./createDestination";
import { DoneStep } from "./DoneStep";
import { type ConfigureDraft, startDraft, withoutSecrets } from "./draft";
import { NeedsPanel } from "./NeedsPanel";
import { SamplePanel } from "./SamplePanel";
import { SetupStep } from "./SetupStep";
import { useConnecting } from "./useConnecting";

export function ConfigurePage() {
  return (
    <Needs>
      <OfSpec />
    </Needs>
  );
}

function OfSpec() {
  const { spec: id } = useParams({ strict: false }) as { spec: string };
  const specs = useQuery(specsQuery);
  const accounts = useQuery(accountsQuery);
  return (
    <Loaded query={specs}>
      {(all) => {
        const spec = all.find((one) => one.id === id && one.attributes.isDestination);
        if (!spec) {
          return (
            <EmptyState title={words.unknown} action={<Anchor to={paths.catalog()}>{words.toCatalog}</Anchor>}>
              {words.unknownText}
            </EmptyState>
          );
        }
        return (
          <Loaded query={accounts}>
            {({ items }) => (
              <Configure key={spec.id} spec={spec} accounts={items.filter((account) => isOf(spec, account))} />
            )}
          </Loaded>
        );
      }}
    </Loaded>
  );
}

function isOf(spec: Spec, account: Account): boolean {
  const legacy = (spec.attributes as { legacyIds?: string[] }).legacyIds ?? [];
  return [spec.id, ...legacy].includes(account.connectionSpec.id);
}

function Configure({ spec, accounts }: { spec: Spec; accounts: Account[] }) {
  const router = useRouter();
  const queries = useQueryClient();
  const [search, setSearch] = useSearch<"step" | "account" | "flow" | "segment">();
  const schemas = spec.authSpec.map((auth) => auth.spec);
  const [kept] = useState(() => (value: ConfigureDraft) => withoutSecrets(value, schemas));
  // Where there is only one, nobody need choose.
  const only = accounts.length === 1 ? accounts[0]?.id : undefined;
  const start = () => ({ ...startDraft(spec, accounts.length > 0), accountId: search.account ?? only });
  const draft = useDraft(`configure-${spec.id}`, start, kept);
  const connecting = useConnecting(spec, accounts, draft.value, draft.change);
  const probing = useProbing();
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const [created, setCreated] = useState<Created>();
  const flow = useQuery({ ...flowQuery(search.flow ?? ""), enabled: search.flow !== undefined });

  const account = accounts.find((one) => one.id === draft.value.accountId);
  const isConnected = account !== undefined && account.id === draft.value.connectedId && !draft.value.isNewAccount;
  const step = stepOf(search.step, search.flow, isConnected);
  const here = (to: string) => paths.configure(spec.id, { step: to, segment: search.segment });
  const goTo = (to: string) => setSearch({ step: to }, { replace: false });
  const leave = (to: string) => void router.navigate({ href: BASE + to });

  const create = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      const made = await createDestination(spec, draft.value, account?.id ?? "", probing.begin());
      draft.forget();
      setCreated(made);
      await queries.invalidateQueries({ queryKey: ["flows"] });
      await queries.invalidateQueries({ queryKey: ["targets"] });
      setSearch({ step: "created", flow: made.flowId });
    } catch (error) {
      setProblem(Problem.from(error));
    } finally {
      probing.end();
      setBusy(false);
    }
  };
  const steps = [
    {
      id: "authentication",
      label: words.steps.authentication,
      ...(step === "setup" && { to: here("authentication") }),
    },
    { id: "setup", label: words.steps.setup, ...(step === "authentication" && isConnected && { to: here("setup") }) },
    { id: "created", label: words.steps.created },
  ];
  const isEncrypted = Boolean(account?.encryption?.params?.publicKey);
  const needs = {
    spec,
    account: draft.value.isNewAccount ? draft.value.params : (account?.auth?.params ?? {}),
    target: draft.value.target,
  };
  return (
    <Wizard
      title={words.title(spec.name)}
      trail={<Anchor to={paths.catalog()}>{words.trail}</Anchor>}
      stepsLabel={wizardWords.steps}
      steps={steps}
      current={step}
      aside={
        step === "created" ? undefined : (
          <>
            {step === "setup" && <SamplePanel spec={spec} draft={draft.value} isEncrypted={isEncrypted} />}
            <NeedsPanel {...needs} />
          </>
        )
      }
      start={
        step !== "created" && (
          <Button variant="secondary" fillStyle="outline" onPress={() => leave(paths.catalog())}>
            {t.cancel}
          </Button>
        )
      }
      end={
        <>
          {step === "authentication" && (
            <GoOn
              label={wizardWords.next}
              block={isConnected ? undefined : words.account.needsTest}
              onPress={() => goTo("setup")}
            />
          )}
          {step === "setup" && (
            <>
              <Button variant="secondary" onPress={() => goTo("authentication")}>
                {wizardWords.back}
              </Button>
              <GoOn
                label={words.setup.create}
                isPending={isBusy}
                block={missing([
                  ...(draft.value.name.trim() === "" ? [words.setup.name] : []),
                  ...missingOf(spec.targetSpec?.spec, draft.value.target),
                ])}
                onPress={() => void create()}
              />
            </>
          )}
          {step === "created" && search.flow && (
            <>
              <LinkButton variant="secondary" href={paths.browse({ selected: search.flow })}>
                {words.done.exit}
              </LinkButton>
              <LinkButton variant="accent" href={paths.activate(search.flow, { segment: search.segment })}>
                {wizardWords.next}
              </LinkButton>
            </>
          )}
        </>
      }
    >
      <LeaveGuard isDirty={draft.isDirty} onDiscard={draft.forget} />
      {draft.isRestored && step !== "created" && (
        <DraftNotice onAnew={() => draft.reset(start())}>{words.secretsGone}</DraftNotice>
      )}
      {step === "authentication" && (
        <AuthenticationStep
          spec={spec}
          accounts={accounts}
          draft={draft.value}
          onChange={draft.change}
          connecting={connecting}
        />
      )}
      {step === "setup" && (
        <SetupStep spec={spec} draft={draft.value} onChange={draft.change} problem={problem} steps={probing.steps} />
      )}
      {step === "created" && (
        <Loaded query={flow}>{(made) => <DoneStep flow={made} {...(created && { created })} />}</Loaded>
      )}
    </Wizard>
  );
}

/** The step that the address asks for, as far as what comes before it is done. */
function stepOf(asked: string | undefined, flow: string | undefined, isConnected: boolean): string {
  if (asked === "created" && flow) return "created";
  return asked === "setup" && isConnected ? "setup" : "authentication";
}
