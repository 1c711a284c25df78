// Why something failed and what to do: whose move is next, what was tried and where, what came back.

import { Content, Heading, InlineAlert } from "@react-spectrum/s2";
import { useQuery } from "@tanstack/react-query";
import type { Fault } from "../../api/shapes";
import { specsQuery } from "../../api/specs";
import { labelsOf, withLabels } from "../../parts/fault";
import { sentence } from "../../parts/format";
import { Facts } from "../../parts/Rail";
import { t } from "../../strings/en";
import { runs as room } from "../../strings/en/runs";

const words = room.error;

type Props = { fault: Fault; title?: string; isOver?: boolean };

/** `isOver` where nothing more is tried by itself. */
export function FaultPanel({ fault, title = words.title, isOver = true }: Props) {
  const specs = useQuery(specsQuery).data ?? [];
  const labels = labelsOf(
    ...specs.flatMap((spec) => [...spec.authSpec.map((auth) => auth.spec), spec.targetSpec?.spec]),
  );
  const facts: [string, string][] = [];
  if (fault.tried) facts.push([t.problem.tried, fault.tried]);
  if (fault.message) facts.push([t.problem.cameBack, sentence(withLabels(fault.message, labels))]);
  if (fault.class) facts.push([words.whose, words.classes[fault.class] ?? fault.class]);
  if (fault.hint) facts.push([t.problem.todo, sentence(withLabels(fault.hint, labels))]);
  return (
    <InlineAlert variant={isOver ? "negative" : "notice"}>
      <Heading level={2}>{title}</Heading>
      <Content>
        <Facts facts={facts} />
      </Content>
    </InlineAlert>
  );
}
