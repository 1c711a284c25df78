// Somebody else was faster: says who and when, and offers to go on from what they left.

import { Button, Content, Heading, InlineAlert } from "@react-spectrum/s2";
import { t } from "../strings/en";
import { formatTime, toDate } from "./format";
import css from "./parts.module.css";

type Changed = { updatedBy: string; updatedAt: number };

/** `changes` says what differs now, by field. */
export function ConflictNotice({ now, changes, onLoad }: { now: Changed; changes: string[]; onLoad: () => void }) {
  const at = toDate(now.updatedAt);
  return (
    <InlineAlert variant="notice">
      <Heading level={2}>{t.problem.conflict}</Heading>
      <Content>
        <div className={css.conflict}>
          <span>{t.problem.conflictBy(now.updatedBy, at ? formatTime(at) : "")}</span>
          {changes.map((change) => (
            <span key={change}>{change}</span>
          ))}
          <Button variant="secondary" size="S" onPress={onLoad}>
            {t.problem.loadAnew}
          </Button>
        </div>
      </Content>
    </InlineAlert>
  );
}
