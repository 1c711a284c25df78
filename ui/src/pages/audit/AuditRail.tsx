// One record: who, what, and what was before and after.

import { Button } from "@react-spectrum/s2";
import type { AuditEvent, Json } from "../../api/dataShapes";
import { Anchor } from "../../parts/Anchor";
import { CopyBlock } from "../../parts/CopyBlock";
import css from "../../parts/page.module.css";
import { Facts, Rail } from "../../parts/Rail";
import { Time } from "../../parts/values";
import { paths } from "../../paths";
import { audit as words } from "../../strings/en/audit";
import own from "./audit.module.css";
import { differences } from "./diff";

type Props = { record: AuditEvent; onObject: (id: string) => void; onClose: () => void };

export function AuditRail({ record, onObject, onClose }: Props) {
  const { seq, at, actor, action, noun, objectId, objectName, before, after, detail, hash } = record;
  const there = before !== null && before !== undefined;
  const isThere = after !== null && after !== undefined;
  const page = pageOf(noun, objectId);
  return (
    <div className={own.rail}>
      <Rail title={words.record(seq)} onClose={onClose}>
        <Facts
          facts={[
            [words.columns.at, <Time key="at" at={at} />],
            [words.columns.actor, actor],
            [words.columns.action, words.actions[action] ?? action],
            [words.columns.noun, words.nouns[noun] ?? noun],
            [
              words.columns.object,
              page && action !== "deleted" ? (
                <Anchor key="object" to={page}>
                  {objectName || objectId}
                </Anchor>
              ) : (
                objectName || objectId
              ),
            ],
            [words.objectId, <CopyBlock key="id" text={objectId} label={words.objectId} />],
            [words.hash, <CopyBlock key="hash" text={hash} label={words.hash} />],
          ]}
        />
        <div>
          <Button variant="secondary" size="S" onPress={() => onObject(objectId)}>
            {words.objectOnly}
          </Button>
        </div>
        {there && isThere && <Differences before={before} after={after} />}
        {there && !isThere && <Whole title={words.before} value={before} />}
        {!there && isThere && <Whole title={words.after} value={after} />}
        {detail !== null && detail !== undefined && <Whole title={words.detail} value={detail} />}
      </Rail>
    </div>
  );
}

function Differences({ before, after }: { before: Json; after: Json }) {
  const found = differences(before, after);
  return (
    <section aria-label={words.differences}>
      <h3 className={own.title}>{words.differences}</h3>
      {found.length === 0 && <p className={css.quiet}>{words.noDifference}</p>}
      <dl className={own.diff}>
        {found.map((one, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: several of a list may have one path
          <div key={`${one.path} ${at}`}>
            <dt>
              <code>{one.path}</code>
            </dt>
            {"before" in one && (
              <dd className={own.before}>
                <del>
                  <span className="visually-hidden">{words.before}: </span>
                  {shown(one.before)}
                </del>
              </dd>
            )}
            {"after" in one && (
              <dd className={own.after}>
                <ins>
                  <span className="visually-hidden">{words.after}: </span>
                  {shown(one.after)}
                </ins>
              </dd>
            )}
          </div>
        ))}
      </dl>
    </section>
  );
}

function Whole({ title, value }: { title: string; value: Json }) {
  return (
    <section aria-label={title}>
      <h3 className={own.title}>{title}</h3>
      <CopyBlock isBlock text={JSON.stringify(value, null, 2)} label={title} />
    </section>
  );
}

function shown(value: Json | undefined): string {
  return typeof value === "string" ? value : JSON.stringify(value, null, 1);
}

function pageOf(noun: string, id: string): string | undefined {
  switch (noun) {
    case "flow":
      return paths.flow(id);
    case "connection":
      return paths.accounts({ selected: id });
    case "policy":
      return paths.policy(id);
    case "labelDefinition":
      return paths.label(id);
    case "dataset":
      return paths.dataset(id);
    case "segment":
      return paths.segment(id);
    default:
      return undefined;
  }
}
