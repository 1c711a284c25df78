import type { ReactNode } from "react";
import type { Dataset } from "../../api/dataShapes";
import { CopyBlock } from "../../parts/CopyBlock";
import { formatCount } from "../../parts/format";
import css from "../../parts/page.module.css";
import { Facts } from "../../parts/Rail";
import { Section, Tile } from "../../parts/Section";
import { NONE, Time } from "../../parts/values";
import { datasets as words } from "../../strings/en/datasets";

export function DetailsTab({ dataset }: { dataset: Dataset }) {
  const { counts } = dataset;
  const number = (value: number | undefined) => (value === undefined ? NONE : formatCount(value));
  const facts: [string, ReactNode][] = [
    [words.details.description, dataset.description || NONE],
    [
      words.details.files,
      <ul key="files" className={css.plain}>
        {dataset.source.urls.map((url) => (
          <li key={url}>
            <code>{url}</code>
          </li>
        ))}
      </ul>,
    ],
    [words.details.format, dataset.source.format ?? words.form.byName],
    [
      words.columns.identities,
      <ul key="identities" className={css.plain}>
        {dataset.identities.map(({ path, namespace, primary }) => (
          <li key={`${namespace} ${path}`}>
            {namespace}: <code>{path}</code>
            {primary && ` (${words.details.primary})`}
          </li>
        ))}
      </ul>,
    ],
    [words.details.timestamp, dataset.timestamp ? <code key="timestamp">{dataset.timestamp}</code> : NONE],
    [words.columns.refreshed, <Time key="refreshed" at={dataset.refresh?.endedAt} />],
    [words.details.created, <Time key="created" at={dataset.createdAt} />],
    [words.details.createdBy, dataset.createdBy],
    [words.details.updated, <Time key="updated" at={dataset.updatedAt} />],
    [words.details.updatedBy, dataset.updatedBy],
    [words.details.id, <CopyBlock key="id" text={dataset.id} label={words.details.id} />],
  ];
  return (
    <div className={css.page}>
      <div className={css.tiles}>
        <Tile label={words.columns.records} value={number(counts?.records)} />
        <Tile label={words.columns.profiles} value={number(counts?.profiles)} />
        <Tile label={words.details.superseded} value={number(counts?.superseded)} />
        <Tile label={words.details.withoutIdentity} value={number(counts?.withoutIdentity)} />
      </div>
      <Section title={words.tabs.details}>
        <Facts isWide facts={facts} />
      </Section>
    </div>
  );
}
