import type { GovernancePolicy } from "../../api/dataShapes";
import { isCore } from "../../api/governance";
import { CopyBlock } from "../../parts/CopyBlock";
import css from "../../parts/page.module.css";
import { Facts, Rail } from "../../parts/Rail";
import { nameOfRef } from "../../parts/Violations";
import { NONE, State, Time } from "../../parts/values";
import { policies as words } from "../../strings/en/policies";
import { printExpression } from "./expression";
import { STATUS_VARIANTS } from "./PoliciesPage";
import { PolicyPauses } from "./PolicyPauses";

export function PolicyRail({ policy, onClose }: { policy: GovernancePolicy; onClose: () => void }) {
  return (
    <Rail title={policy.name} onClose={onClose}>
      <Facts
        facts={[
          [words.description, policy.description || NONE],
          [
            words.status,
            <State key="status" variant={STATUS_VARIANTS[policy.status]}>
              {words.statuses[policy.status]}
            </State>,
          ],
          [words.policy.deny, <code key="deny">{printExpression(policy.deny)}</code>],
          [words.policy.actions, policy.marketingActionRefs.map(nameOfRef).join(", ")],
          [words.kind, isCore(policy) ? words.core : words.custom],
          [words.changed, <Time key="changed" at={policy.updated} />],
          [words.changedBy, policy.updatedClient ?? NONE],
          ["ID", <CopyBlock key="id" text={policy.id} label="ID" />],
        ]}
      />
      <PolicyPauses policy={policy} />
      {isCore(policy) && <p className={css.quiet}>{words.policy.coreNote}</p>}
    </Rail>
  );
}
