// Consent policies: which profiles leave at all.

import { Button, Switch } from "@react-spectrum/s2";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { ConsentPolicy } from "../../api/dataShapes";
import { consentPoliciesQuery, deleteConsentPolicy, setConsentStatus } from "../../api/governance";
import { ConfirmDialog } from "../../parts/ConfirmDialog";
import { type Column, DataTable } from "../../parts/DataTable";
import { EmptyState } from "../../parts/EmptyState";
import { Loaded } from "../../parts/Loaded";
import { RowMenu } from "../../parts/RowMenu";
import { showDone, showProblem } from "../../parts/toast";
import { useAsked } from "../../parts/useAsked";
import { State, Time } from "../../parts/values";
import { policies as words } from "../../strings/en/policies";
import css from "../pages.module.css";
import { ConsentDialog } from "./ConsentDialog";
import { agreementText, conditionText } from "./consent";
import { STATUS_VARIANTS } from "./PoliciesPage";

export function ConsentPage() {
  const query = useQuery(consentPoliciesQuery);
  const queries = useQueryClient();
  const { asked, on, open, close } = useAsked();
  const renew = () => queries.invalidateQueries({ queryKey: ["consent-policies"] });
  const toggle = async (policy: ConsentPolicy, isOn: boolean) => {
    try {
      await setConsentStatus(policy, isOn ? "ENABLED" : "DISABLED");
      showDone(words.switched(policy.name, isOn));
    } catch (error) {
      showProblem(error, words.switch(policy.name));
    }
    await renew();
  };
  const create = (
    <Button variant="accent" onPress={() => open("create")}>
      {words.consent.create}
    </Button>
  );
  return (
    <Loaded query={query}>
      {(policies) => {
        const about = policies.find(({ id }) => id === on);
        return (
          <div className={css.page}>
            {policies.length === 0 ? (
              <EmptyState title={words.consent.empty} action={create}>
                {words.consent.emptyText}
              </EmptyState>
            ) : (
              <>
                <p className={css.quiet}>{words.consent.lead}</p>
                <div className={css.bar}>{create}</div>
                <DataTable
                  label={words.tabs.consent}
                  columns={columns(toggle, open)}
                  rows={policies}
                  rowKey={({ id }) => id}
                  sort="name"
                />
              </>
            )}
            {asked === "create" && <ConsentDialog onClose={close} />}
            {asked === "edit" && about && <ConsentDialog key={about.etag} policy={about} onClose={close} />}
            {asked === "delete" && about && (
              <ConfirmDialog
                title={words.consent.deleteTitle}
                isDestructive
                confirmLabel={words.delete}
                onConfirm={async () => {
                  await deleteConsentPolicy(about);
                  showDone(words.deleted(about.name));
                  await renew();
                }}
                onClose={close}
              >
                {words.consent.deleteText(about.name)}
              </ConfirmDialog>
            )}
          </div>
        );
      }}
    </Loaded>
  );
}

function columns(
  toggle: (policy: ConsentPolicy, isOn: boolean) => void,
  open: (ask: string, on: string) => void,
): Column<ConsentPolicy>[] {
  return [
    {
      id: "name",
      label: words.name,
      minWidth: 180,
      sortBy: ({ name }) => name,
      cell: ({ name, description }) => <span title={description ?? undefined}>{name}</span>,
    },
    {
      id: "menu",
      label: words.menu,
      width: 90,
      cell: ({ id, name }) => (
        <RowMenu
          label={words.more(name)}
          items={[
            { id: "edit", label: words.edit },
            { id: "delete", label: words.delete },
          ]}
          onAction={(ask) => open(ask, id)}
        />
      ),
    },
    {
      id: "status",
      label: words.status,
      width: 170,
      sortBy: ({ status }) => status,
      cell: (policy) => (
        <span className={css.row}>
          <Switch
            size="S"
            aria-label={words.switch(policy.name)}
            isSelected={policy.status === "ENABLED"}
            onChange={(isOn) => toggle(policy, isOn)}
          />
          <State variant={STATUS_VARIANTS[policy.status]}>{words.statuses[policy.status]}</State>
        </span>
      ),
    },
    {
      id: "if",
      label: words.consent.applies,
      minWidth: 220,
      cell: (policy) => <span title={conditionText(policy.if)}>{conditionText(policy.if)}</span>,
    },
    {
      id: "then",
      label: words.consent.agreement,
      minWidth: 240,
      cell: (policy) => <span title={agreementText(policy.then)}>{agreementText(policy.then)}</span>,
    },
    {
      id: "changed",
      label: words.changed,
      minWidth: 172,
      sortBy: ({ updated }) => updated,
      cell: ({ updated }) => <Time at={updated} />,
    },
  ];
}
