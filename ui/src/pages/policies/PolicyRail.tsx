import type { ReactNode } from "react";
import type { GovernancePolicy } from "../../api/dataShapes";
import { isCore } from "../../api/governance";
import { useActionNames } from "../../parts/actionNames";
import { CopyBlock } from "../../parts/CopyBlock";
import css from "../../parts/page.module.css";
import { Facts, Rail } from "../../parts/Rail";
import { NONE, State, Time } from "../../parts/values";
import { policies as words } from "../../strings/en/policies";
import { printExpression } from "./expression";
import { PolicyPauses } from "./PolicyPauses";
import { statusOf } from "./status";

export function PolicyRail({ policy, onClose }: { policy: GovernancePolicy; onClose: () => void }) {
  const actionNames = useActionNames();
  const status = statusOf(policy);
  const whose: [string, ReactNode][] = isCore(policy)
    ? [[words.kind, words.partOfProduct]]
    : [
        [words.kind, words.custom],
        [words.changed, <Time key="changed" at={policy.updated} />],
        [words.changedBy, policy.updatedClient ?? NONE],
      ];
  return (
    <Rail title={policy.name} onClose={onClose}>
      <Facts
        facts={[
          [words.description, policy.description || NONE],
          [
            words.status,
            <State key="status" variant={status === "ENABLED" ? "positive" : "neutral"}>
              {words.statuses[status]}
            </State>,
          ],
          [words.policy.deny, <code key="deny">{printExpression(policy.deny)}</code>],
          [words.policy.actions, actionNames(policy.marketingActionRefs)],
          ...whose,
          ["ID", <CopyBlock key="id" text={policy.id} label="ID" />],
        ]}
      />
      <PolicyPauses policy={policy} />
      {isCore(policy) && <p className={css.quiet}>{words.policy.coreNote}</p>}
    </Rail>
  );
}
