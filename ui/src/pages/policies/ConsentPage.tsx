// Consent policies: which profiles leave at all.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { ConsentPolicy } from "../../api/dataShapes";
import { consentPoliciesQuery, deleteConsentPolicy, setConsentStatus } from "../../api/governance";
import { useActionNames } from "../../parts/actionNames";
import type { Column } from "../../parts/DataTable";
import { Loaded } from "../../parts/Loaded";
import { DeleteDialog, ManagedList, menuColumn } from "../../parts/ManagedList";
import { StatusSwitch } from "../../parts/StatusSwitch";
import { showDone, showProblem } from "../../parts/toast";
import { useAsked } from "../../parts/useAsked";
import { Clipped, Time } from "../../parts/values";
import { policies as words } from "../../strings/en/policies";
import { ConsentDialog } from "./ConsentDialog";
import { agreementText, conditionText } from "./consent";

export function ConsentPage() {
  const query = useQuery(consentPoliciesQuery);
  const queries = useQueryClient();
  const { asked, on, open, close } = useAsked();
  const actionNames = useActionNames();
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
  return (
    <Loaded query={query}>
      {(policies) => {
        const about = policies.find(({ id }) => id === on);
        return (
          <ManagedList
            label={words.tabs.consent}
            columns={columns(toggle, open, actionNames)}
            rows={policies}
            rowKey={({ id }) => id}
            sort="name"
            words={words.consent}
            onCreate={() => open("create")}
          >
            {asked === "create" && <ConsentDialog onClose={close} />}
            {asked === "edit" && about && <ConsentDialog key={about.etag} policy={about} onClose={close} />}
            {asked === "delete" && about && (
              <DeleteDialog
                title={words.consent.deleteTitle}
                confirmLabel={words.delete}
                done={words.deleted(about.name)}
                onDelete={() => deleteConsentPolicy(about).then(renew)}
                onClose={close}
              >
                {words.consent.deleteText(about.name)}
              </DeleteDialog>
            )}
          </ManagedList>
        );
      }}
    </Loaded>
  );
}

function columns(
  toggle: (policy: ConsentPolicy, isOn: boolean) => void,
  open: (ask: string, on: string) => void,
  actionNames: (refs: string[]) => string,
): Column<ConsentPolicy>[] {
  return [
    {
      id: "name",
      label: words.name,
      minWidth: 170,
      sortBy: ({ name }) => name,
      cell: ({ name, description }) => <span title={description ?? undefined}>{name}</span>,
    },
    menuColumn(
      words,
      ({ id, name }) => ({ on: id, name }),
      [
        { id: "edit", label: words.edit },
        { id: "delete", label: words.delete },
      ],
      open,
    ),
    {
      id: "status",
      label: words.status,
      width: 150,
      sortBy: ({ status }) => status,
      cell: (policy) => (
        <StatusSwitch
          label={words.switch(policy.name)}
          isOn={policy.status === "ENABLED"}
          state={words.statuses[policy.status]}
          onChange={(isOn) => toggle(policy, isOn)}
        />
      ),
    },
    {
      id: "if",
      label: words.consent.applies,
      minWidth: 230,
      cell: (policy) => <Clipped>{conditionText(policy.if, actionNames)}</Clipped>,
    },
    {
      id: "then",
      label: words.consent.agreement,
      minWidth: 228,
      cell: (policy) => <Clipped>{agreementText(policy.then)}</Clipped>,
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
