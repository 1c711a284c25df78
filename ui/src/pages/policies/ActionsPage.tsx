// Marketing actions: what data is used for.

import { SearchField, TextField } from "@react-spectrum/s2";
import { style } from "@react-spectrum/s2/style" with { type: "macro" };
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { GovernancePolicy, MarketingAction } from "../../api/dataShapes";
import { deleteAction, marketingActionsQuery, policiesQuery, putAction } from "../../api/governance";
import { keyOfRef } from "../../parts/actionNames";
import { ConfirmDialog } from "../../parts/ConfirmDialog";
import { type Column, DataTable } from "../../parts/DataTable";
import { FormDialog } from "../../parts/FormDialog";
import { faultAt } from "../../parts/formFields";
import { Loaded } from "../../parts/Loaded";
import css from "../../parts/page.module.css";
import { RowMenu } from "../../parts/RowMenu";
import { HeadTools } from "../../parts/TabbedPages";
import { showDone } from "../../parts/toast";
import { useAsked } from "../../parts/useAsked";
import { useSearch } from "../../parts/useSearch";
import { Clipped } from "../../parts/values";
import { WriteButton } from "../../parts/WriteOnly";
import { t } from "../../strings/en";
import { policies as words } from "../../strings/en/policies";

const full = style({ width: "full" });

export function ActionsPage() {
  const query = useQuery(marketingActionsQuery);
  const policies = useQuery(policiesQuery);
  const queries = useQueryClient();
  const [search, setSearch] = useSearch<"find">();
  const { asked, on, open, close } = useAsked();
  return (
    <Loaded query={query}>
      {(actions) => {
        const about = actions.find((action) => action.name === on && !action.isCore);
        const find = (search.find ?? "").toLowerCase();
        return (
          <div className={css.page}>
            <HeadTools>
              <WriteButton variant="accent" onPress={() => open("create")}>
                {words.actions.create}
              </WriteButton>
            </HeadTools>
            <p className={css.quiet}>{words.actions.lead}</p>
            <div className={css.bar}>
              <SearchField
                aria-label={words.actions.find}
                placeholder={words.actions.find}
                value={search.find ?? ""}
                onChange={(next) => setSearch({ find: next })}
              />
            </div>
            <DataTable
              label={words.tabs.actions}
              columns={columns(policies.data ?? [], open)}
              rows={actions.filter(({ name, friendlyName, description }) =>
                [name, friendlyName, description].join(" ").toLowerCase().includes(find),
              )}
              rowKey={({ ref }) => ref}
            />
            {asked === "create" && <ActionDialog onClose={close} />}
            {asked === "edit" && about && <ActionDialog key={about.etag} action={about} onClose={close} />}
            {asked === "delete" && about && (
              <ConfirmDialog
                title={words.actions.deleteTitle}
                isDestructive
                confirmLabel={words.delete}
                onConfirm={async () => {
                  await deleteAction(about);
                  showDone(words.deleted(about.name));
                  await queries.invalidateQueries({ queryKey: ["marketing-actions"] });
                }}
                onClose={close}
              >
                {words.actions.deleteText(about.name)}
              </ConfirmDialog>
            )}
          </div>
        );
      }}
    </Loaded>
  );
}

function columns(policies: GovernancePolicy[], open: (ask: string, on: string) => void): Column<MarketingAction>[] {
  const usesOf = ({ ref }: MarketingAction) =>
    policies.filter(({ marketingActionRefs }) => marketingActionRefs.some((one) => keyOfRef(one) === keyOfRef(ref)))
      .length;
  return [
    {
      id: "name",
      label: words.name,
      minWidth: 220,
      sortBy: (action) => action.friendlyName ?? action.name,
      cell: (action) => <span title={action.name}>{action.friendlyName ?? action.name}</span>,
    },
    {
      id: "description",
      label: words.description,
      width: "2fr",
      minWidth: 260,
      cell: ({ description }) => <Clipped>{description}</Clipped>,
    },
    {
      id: "kind",
      label: words.kind,
      width: 110,
      sortBy: ({ isCore }) => isCore,
      cell: ({ isCore }) => (isCore ? words.core : words.custom),
    },
    {
      id: "used",
      label: words.actions.usedBy,
      width: 120,
      sortBy: usesOf,
      cell: (action) => words.actions.policies(usesOf(action)),
    },
    {
      id: "menu",
      label: words.menu,
      width: 90,
      cell: ({ name, isCore }) =>
        isCore ? null : (
          <RowMenu
            label={words.more(name)}
            items={[
              { id: "edit", label: words.edit },
              { id: "delete", label: words.delete },
            ]}
            onAction={(ask) => open(ask, name)}
          />
        ),
    },
  ];
}

function ActionDialog({ action, onClose }: { action?: MarketingAction; onClose: () => void }) {
  const queries = useQueryClient();
  const [name, setName] = useState(action?.name ?? "");
  const [description, setDescription] = useState(action?.description ?? "");
  return (
    <FormDialog
      title={action ? words.actions.editTitle : words.actions.create}
      submitLabel={t.save}
      isDisabled={name.trim() === ""}
      onClose={onClose}
      onReload={action && (() => queries.invalidateQueries({ queryKey: ["marketing-actions"] }))}
      onSubmit={async () => {
        await putAction({ name: name.trim(), description }, action?.etag);
        showDone(words.saved(name));
        await queries.invalidateQueries({ queryKey: ["marketing-actions"] });
      }}
    >
      {(problem) => (
        <>
          <TextField
            label={words.name}
            description={action ? undefined : words.actions.nameHelp}
            isRequired
            isReadOnly={action !== undefined}
            autoFocus={action === undefined}
            value={name}
            onChange={setName}
            {...faultAt(problem, "/name")}
            styles={full}
          />
          <TextField label={words.description} value={description} onChange={setDescription} styles={full} />
        </>
      )}
    </FormDialog>
  );
}
