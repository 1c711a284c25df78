// What an account is, beside the table. Secrets are never shown; the server does not tell them.

import { Button, Divider } from "@react-spectrum/s2";
import type { ReactNode } from "react";
import type { Account, Spec } from "../../api/shapes";
import { authSchemaOf, signInTitle } from "../../api/specs";
import { CopyBlock } from "../../parts/CopyBlock";
import { labelsOf } from "../../parts/fault";
import css from "../../parts/page.module.css";
import { Facts, Rail } from "../../parts/Rail";
import { labelOf, MASK } from "../../parts/schema";
import { NONE, Time } from "../../parts/values";
import { WriteOnly } from "../../parts/WriteOnly";
import { destinations as room } from "../../strings/en/destinations";
import type { AccountAction } from "./accountColumns";
import own from "./destinations.module.css";
import { FlowLinks } from "./FlowLinks";
import type { Destination } from "./workspace";

const words = room.accounts;

type Props = {
  account: Account;
  spec: Spec | undefined;
  users: Destination[];
  onAction: (action: AccountAction, account: Account) => void;
  onClose: () => void;
};

export function AccountRail({ account, spec, users, onAction, onClose }: Props) {
  const key = account.encryption?.key;
  const labels = labelsOf(authSchemaOf(account, spec));
  const params = Object.entries(account.auth?.params ?? {}).filter(([, value]) => value !== MASK && value !== "");
  const facts: [string, ReactNode][] = [
    [words.platform, spec?.name ?? NONE],
    [words.connectionType, signInTitle(spec, account.auth?.specName) ?? NONE],
    ...params.map(([name, value]): [string, ReactNode] => [labels[name] ?? labelOf(name), String(value)]),
    [room.details.description, account.description || NONE],
  ];
  if (key) facts.push([words.fingerprint, <code key="key">{key.fingerprint}</code>]);
  if (key?.expiresAt) facts.push([words.expires, <Time key="expires" at={key.expiresAt} />]);
  facts.push(
    [words.authorized, <Time key="authorized" at={account.createdAt} />],
    [words.changed, <Time key="changed" at={account.updatedAt} />],
    [room.details.id, <CopyBlock key="id" text={account.id} label={room.details.id} />],
  );
  return (
    <Rail title={account.name} onClose={onClose}>
      <WriteOnly>
        <div className={css.row}>
          {(["test", "edit", "delete"] as const).map((action) => (
            <Button key={action} variant="secondary" size="S" onPress={() => onAction(action, account)}>
              {words[action]}
            </Button>
          ))}
        </div>
      </WriteOnly>
      <Divider size="S" />
      <Facts facts={facts} />
      {users.length > 0 && (
        <section aria-label={words.destinations}>
          <h3 className={own.category}>{words.destinations}</h3>
          <FlowLinks destinations={users} />
        </section>
      )}
    </Rail>
  );
}
