import { useQuery } from "@tanstack/react-query";
import type { Label, LabelExpression } from "../../api/dataShapes";
import { policiesQuery } from "../../api/governance";
import { Anchor } from "../../parts/Anchor";
import css from "../../parts/page.module.css";
import { Facts, Rail } from "../../parts/Rail";
import { NONE } from "../../parts/values";
import { paths } from "../../paths";
import { policies as words } from "../../strings/en/policies";

/** All that a label means, and which policies deny it. */
export function LabelRail({ label, onClose }: { label?: Label; onClose: () => void }) {
  const { data = [] } = useQuery(policiesQuery);
  if (label === undefined) return null;
  const policies = data.filter(({ deny }) => hasLabel(deny, label.name));
  return (
    <Rail title={label.name} onClose={onClose}>
      <Facts
        facts={[
          [words.labels.friendlyName, label.friendlyName ?? NONE],
          [words.labels.category, label.category],
          [words.labels.meaning, label.description || NONE],
          [words.kind, label.isCore ? words.partOfProduct : words.custom],
          [
            words.labels.denies,
            policies.length === 0 ? (
              NONE
            ) : (
              <ul key="policies" className={css.plain}>
                {policies.map(({ id, name }) => (
                  <li key={id}>
                    <Anchor to={paths.policy(id)}>{name}</Anchor>
                  </li>
                ))}
              </ul>
            ),
          ],
        ]}
      />
    </Rail>
  );
}

function hasLabel(expression: LabelExpression, name: string): boolean {
  return "label" in expression ? expression.label === name : expression.operands.some((one) => hasLabel(one, name));
}
