// Governance policies: those of the product and those of the organisation.

import { SearchField } from "@react-spectrum/s2";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { GovernancePolicy } from "../../api/dataShapes";
import { deletePolicy, isCore, policiesQuery, setPolicyStatus, switchCorePolicy } from "../../api/governance";
import { useActionNames } from "../../parts/actionNames";
import { ALL, Choice } from "../../parts/Choice";
import { ConfirmDialog } from "../../parts/ConfirmDialog";
import { type Column, DataTable } from "../../parts/DataTable";
import { Loaded } from "../../parts/Loaded";
import css from "../../parts/page.module.css";
import { RowMenu } from "../../parts/RowMenu";
import { StatusSwitch } from "../../parts/StatusSwitch";
import { HeadTools } from "../../parts/TabbedPages";
import { showDone } from "../../parts/toast";
import { useAsked } from "../../parts/useAsked";
import { useGuarded } from "../../parts/useGuarded";
import { useSearch } from "../../parts/useSearch";
import { Clipped, Time } from "../../parts/values";
import { WriteButton } from "../../parts/WriteOnly";
import { t } from "../../strings/en";
import { policies as words } from "../../strings/en/policies";
import { printExpression } from "./expression";
import { PolicyDialog } from "./PolicyDialog";
import { PolicyRail } from "./PolicyRail";
import { statusOf } from "./status";

export function PoliciesPage() {
  const query = useQuery(policiesQuery);
  return <Loaded query={query}>{(all) => <Shown all={all} />}</Loaded>;
}

function Shown({ all }: { all: GovernancePolicy[] }) {
  const [search, setSearch] = useSearch<"find" | "status" | "selected">();
  const { asked, on, open, close } = useAsked();
  const queries = useQueryClient();
  const [run, dialog] = useGuarded();
  const actionNames = useActionNames();
  const renew = () => queries.invalidateQueries({ queryKey: ["policies"] });
  const toggle = (policy: GovernancePolicy, isOn: boolean) =>
    run(
      words.switch(policy.name),
      (onViolation) =>
        isCore(policy)
          ? switchCorePolicy(policy.id, isOn, onViolation)
          : setPolicyStatus(policy, isOn ? "ENABLED" : "DISABLED", onViolation),
      async () => {
        await renew();
        showDone(words.switched(policy.name, isOn));
      },
    );
  const find = (search.find ?? "").toLowerCase();
  const rows = all.filter(
    (policy) =>
      `${policy.name} ${printExpression(policy.deny)}`.toLowerCase().includes(find) &&
      (!search.status || statusOf(policy) === search.status),
  );
  const about = all.find(({ id }) => id === on);
  const selected = all.find(({ id }) => id === search.selected);
  const choices = [
    { id: ALL, name: t.all },
    ...Object.entries(words.statusChoices).map(([id, name]) => ({ id, name })),
  ];
  return (
    <div className={css.split}>
      <HeadTools>
        <WriteButton variant="accent" onPress={() => open("create")}>
          {words.policy.create}
        </WriteButton>
      </HeadTools>
      <div className={css.page}>
        <p className={css.quiet}>{words.policy.lead}</p>
        <div className={css.bar}>
          <SearchField
            aria-label={words.policy.find}
            placeholder={words.policy.find}
            value={search.find ?? ""}
            onChange={(next) => setSearch({ find: next })}
          />
          <Choice
            label={words.status}
            items={choices}
            value={search.status}
            onChange={(status) => setSearch({ status })}
          />
        </div>
        <DataTable
          label={words.tabs.policies}
          name="policies"
          columns={columns(toggle, open, actionNames)}
          rows={rows}
          rowKey={({ id }) => id}
          selected={search.selected}
          onSelect={(id) => setSearch({ selected: id })}
        />
      </div>
      {selected && <PolicyRail policy={selected} onClose={() => setSearch({ selected: undefined })} />}
      {asked === "create" && <PolicyDialog onClose={close} />}
      {asked === "edit" && about && <PolicyDialog key={about.etag} policy={about} onClose={close} />}
      {asked === "delete" && about && (
        <ConfirmDialog
          title={words.policy.deleteTitle}
          isDestructive
          confirmLabel={words.delete}
          onConfirm={async () => {
            await deletePolicy(about);
            showDone(words.deleted(about.name));
            await renew();
          }}
          onClose={close}
        >
          {words.policy.deleteText(about.name)}
        </ConfirmDialog>
      )}
      {dialog}
    </div>
  );
}

function columns(
  toggle: (policy: GovernancePolicy, isOn: boolean) => void,
  open: (ask: string, on: string) => void,
  actionNames: (refs: string[]) => string,
): Column<GovernancePolicy>[] {
  return [
    {
      id: "name",
      label: words.name,
      minWidth: 300,
      sortBy: ({ name }) => name,
      cell: ({ name }) => <Clipped>{name}</Clipped>,
    },
    {
      id: "menu",
      label: words.menu,
      width: 90,
      cell: (policy) =>
        isCore(policy) ? null : (
          <RowMenu
            label={words.more(policy.name)}
            items={[
              { id: "edit", label: words.edit },
              { id: "delete", label: words.delete },
            ]}
            onAction={(ask) => open(ask, policy.id)}
          />
        ),
    },
    {
      id: "status",
      label: words.status,
      width: 170,
      sortBy: statusOf,
      cell: (policy) => (
        <StatusSwitch
          label={words.switch(policy.name)}
          isOn={policy.status === "ENABLED"}
          state={words.statuses[statusOf(policy)]}
          onChange={(isOn) => toggle(policy, isOn)}
        />
      ),
    },
    {
      id: "deny",
      label: words.policy.deny,
      minWidth: 150,
      cell: ({ deny }) => <Clipped isCode>{printExpression(deny)}</Clipped>,
    },
    {
      id: "actions",
      label: words.policy.actions,
      minWidth: 172,
      cell: ({ marketingActionRefs }) => <Clipped>{actionNames(marketingActionRefs)}</Clipped>,
    },
    {
      id: "kind",
      label: words.kind,
      width: 100,
      sortBy: (policy) => (isCore(policy) ? words.core : words.custom),
      cell: (policy) => (isCore(policy) ? words.core : words.custom),
    },
    {
      id: "changed",
      label: words.changed,
      minWidth: 172,
      isExtra: true,
      sortBy: ({ updated }) => updated,
      cell: ({ updated }) => <Time at={updated} />,
    },
  ];
}
