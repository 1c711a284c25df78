// A rule, as conditions and as text. Both are the same rule.

import { Content, InlineAlert, TextArea } from "@react-spectrum/s2";
import { style } from "@react-spectrum/s2/style" with { type: "macro" };
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { Problem } from "../../api/problem";
import { profileFieldsQuery } from "../../api/profiles";
import { segments as room } from "../../strings/en/segments";
import { RuleBuilder } from "./RuleBuilder";
import css from "./segments.module.css";
import { placeOf, type useRule } from "./useRule";
import { choicesOf } from "./values";

const words = room.rule;

type Props = {
  rule: ReturnType<typeof useRule>;
  isSql?: boolean;
  /** What the server said about the rule. */
  error?: unknown;
};

export function RuleEditor({ rule, isSql = false, error }: Props) {
  const fields = useQuery(profileFieldsQuery);
  const choices = useMemo(() => choicesOf(fields.data?.fields ?? []), [fields.data]);
  const refused = error === undefined || error === null ? [] : Problem.from(error).fields.filter(isOfRule);
  const place = rule.problem && placeOf(rule.text, rule.problem.at);
  return (
    <div className={css.rule}>
      {isSql ? (
        <p className={css.hint}>{words.sql}</p>
      ) : rule.tree ? (
        <RuleBuilder tree={rule.tree} fields={choices} onChange={rule.setTree} />
      ) : (
        <InlineAlert variant="notice">
          <Content>{rule.problem && place && words.noRule(rule.problem.message, place.line, place.column)}</Content>
        </InlineAlert>
      )}
      <TextArea
        label={words.text}
        description={isSql ? undefined : words.textHelp}
        value={rule.text}
        onChange={rule.setText}
        isInvalid={refused.length > 0 || (!isSql && rule.problem !== undefined)}
        errorMessage={
          refused.length > 0
            ? refused.map((one) => one.message).join("\n")
            : place && `${words.where(place.line, place.column)}: ${rule.problem?.message}`
        }
        styles={style({ width: "full" })}
      />
    </div>
  );
}

function isOfRule({ field }: { field: string }): boolean {
  return field === "/predicateExpression" || field.startsWith("/expression");
}
