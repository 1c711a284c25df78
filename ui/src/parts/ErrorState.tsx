// What went wrong: what was tried and where, what came back, what to do.

import { Button, Content, Heading, InlineAlert } from "@react-spectrum/s2";
import type { ReactNode } from "react";
import type { ProbeStep } from "../api/probe";
import { Problem, UNREACHABLE } from "../api/problem";
import { paths } from "../paths";
import { t } from "../strings/en";
import { Anchor } from "./Anchor";
import { type FieldLabels, withLabels } from "./fault";
import { sentence } from "./format";
import { ProbeSteps } from "./ProbeSteps";
import css from "./parts.module.css";

/** What keeps an object from being removed. */
type UsedBy = { noun: string; id: string; name?: string };

type Props = {
  error: unknown;
  /** What was wanted, for example "Connect to destination". */
  wanted?: string;
  /** What the fields of the form are called that was sent. */
  labels?: FieldLabels;
  onRetry?: () => void;
};

export function ErrorState({ error, wanted, labels = {}, onRetry }: Props) {
  const problem = Problem.from(error);
  const { body } = problem;
  const say = (text: string) => sentence(withLabels(text, labels));
  const users = (body.usedBy as UsedBy[] | undefined) ?? [];
  const steps = (body.steps as ProbeStep[] | undefined) ?? [];
  // Of a test that failed the status says nothing that its steps do not.
  const cameBack = steps.length > 0 ? say(problem.message) : `${say(problem.message)} (${problem.status})`;
  // Where it only names the fields, they follow.
  const isOfFields = problem.fields.some(({ field }) => problem.message.startsWith(field));
  const title = problem.status === UNREACHABLE ? t.problem.unreachable : wanted ? t.problem.failed(wanted) : body.title;
  return (
    <InlineAlert variant="negative">
      <Heading level={2}>{title ?? t.problem.title}</Heading>
      <Content>
        <dl className={css.problem}>
          {body.tried && <Line term={t.problem.tried}>{body.tried}</Line>}
          {users.length > 0 ? (
            <Line term={t.problem.usedBy}>
              {users.map((user) => (
                <User key={user.id} user={user} />
              ))}
            </Line>
          ) : null}
          {users.length === 0 && !isOfFields && (
            <Line term={t.problem.cameBack}>{problem.status === UNREACHABLE ? t.problem.noAnswer : cameBack}</Line>
          )}
          {problem.fields.map(({ field, message }) => (
            <Line key={field + message} term={labels[field.split("/").at(-1) ?? ""] ?? field}>
              {say(message)}
            </Line>
          ))}
          {body.hint && <Line term={t.problem.todo}>{say(body.hint)}</Line>}
          {body.reference && <Line term={t.problem.reference}>{body.reference}</Line>}
        </dl>
        {steps.length > 0 && <ProbeSteps steps={steps} isTold />}
        {onRetry && (
          <Button variant="secondary" size="S" onPress={onRetry}>
            {t.problem.again}
          </Button>
        )}
      </Content>
    </InlineAlert>
  );
}

function Line({ term, children }: { term: string; children: ReactNode }) {
  return (
    <>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </>
  );
}

function User({ user }: { user: UsedBy }) {
  const name = user.name ?? user.id;
  return <div>{user.noun === "flow" ? <Anchor to={paths.flow(user.id)}>{name}</Anchor> : `${user.noun} ${name}`}</div>;
}
