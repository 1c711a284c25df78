// What there is to know about a destination.

import type { ReactNode } from "react";
import type { Account } from "../../api/shapes";
import { Anchor } from "../../parts/Anchor";
import { useActionNames } from "../../parts/actionNames";
import { CopyBlock } from "../../parts/CopyBlock";
import { Facts } from "../../parts/Rail";
import { NONE, Time } from "../../parts/values";
import { paths } from "../../paths";
import { t } from "../../strings/en";
import { destinations as room } from "../../strings/en/destinations";
import { FlowLight } from "./states";
import { type Destination, placeOf, segmentsOf, triggersOf } from "./workspace";

const words = room.details;

export function FlowFacts({ destination }: { destination: Destination }) {
  const { flow, spec, account, target } = destination;
  const triggers = triggersOf(destination);
  const actionNames = useActionNames();
  const references = [...(flow.policy?.enforcementRefs ?? []), ...(target?.policy?.enforcementRefs ?? [])];
  const facts: [string, ReactNode][] = [
    [words.status, <FlowLight key="status" flow={flow} />],
    [words.description, flow.description || NONE],
    [words.platform, spec?.name ?? NONE],
    [words.account, account ? <AccountLink key="account" account={account} /> : NONE],
    [words.target, placeOf(destination) || NONE],
    [words.segments, room.segments(segmentsOf(flow).length)],
    [words.marketingActions, actionNames(references) || t.none],
    [words.category, spec?.attributes.category ?? NONE],
    [words.connectionType, spec?.attributes.connectionType ?? NONE],
    [words.frequency, spec?.attributes.isBatch ? room.batch : room.streaming],
  ];
  if (spec?.attributes.isBatch) facts.push([words.files, fileOf(target?.params ?? {})]);
  if (triggers.length > 0) facts.push([words.triggers, triggers.join(", ")]);
  facts.push(
    [words.createdBy, flow.createdBy],
    [words.created, <Time key="created" at={flow.createdAt} />],
    [words.updated, <Time key="updated" at={flow.updatedAt} />],
    [words.id, <CopyBlock key="id" text={flow.id} label={words.id} />],
  );
  return <Facts facts={facts} />;
}

function AccountLink({ account }: { account: Account }) {
  return <Anchor to={paths.accounts({ selected: account.id })}>{account.name}</Anchor>;
}

function fileOf(params: Record<string, unknown>): string {
  const compression = String(params.compression ?? "NONE");
  return [String(params.fileType ?? "CSV"), ...(compression === "NONE" ? [] : [compression])].join(", ");
}
