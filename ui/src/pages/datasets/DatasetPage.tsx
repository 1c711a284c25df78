// One dataset: its fields with their labels, some of its records, and what is known of it.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams, useRouter } from "@tanstack/react-router";
import type { Dataset } from "../../api/dataShapes";
import { datasetQuery, detachDataset, refreshDataset } from "../../api/datasets";
import { Problem } from "../../api/problem";
import { Anchor } from "../../parts/Anchor";
import { ConfirmDialog } from "../../parts/ConfirmDialog";
import { ErrorState } from "../../parts/ErrorState";
import { Loaded } from "../../parts/Loaded";
import { PageHead } from "../../parts/PageHead";
import css from "../../parts/page.module.css";
import { RowMenu } from "../../parts/RowMenu";
import { TabLinks } from "../../parts/TabLinks";
import { showDone, showProblem } from "../../parts/toast";
import { useAsked } from "../../parts/useAsked";
import { useSearch } from "../../parts/useSearch";
import { WriteButton } from "../../parts/WriteOnly";
import { BASE, paths } from "../../paths";
import { t } from "../../strings/en";
import { datasets as words } from "../../strings/en/datasets";
import { DatasetDialog } from "./DatasetDialog";
import { DetailsTab } from "./DetailsTab";
import { RecordsTab } from "./RecordsTab";
import { isBusy, RefreshProgress, RefreshState } from "./RefreshState";
import { SchemaTab } from "./SchemaTab";

type Tab = "schema" | "records" | "details";

export function DatasetPage() {
  const { id = "" } = useParams({ strict: false }) as { id?: string };
  const query = useQuery({
    ...datasetQuery(id),
    refetchInterval: ({ state }) => (state.data && isBusy(state.data) ? 1_000 : 30_000),
  });
  return <Loaded query={query}>{(dataset) => <Shown key={dataset.id} dataset={dataset} />}</Loaded>;
}

function Shown({ dataset }: { dataset: Dataset }) {
  const [search] = useSearch<"tab">();
  const tab: Tab = search.tab === "records" || search.tab === "details" ? search.tab : "schema";
  return (
    <>
      <div className={css.head}>
        <PageHead title={dataset.name} trail={<Anchor to={paths.datasets()}>{words.title}</Anchor>}>
          <RefreshState refresh={dataset.refresh} />
          <Tools dataset={dataset} />
        </PageHead>
        <Refreshing dataset={dataset} />
        <TabLinks
          label={words.tabs.label}
          tabs={(["schema", "records", "details"] as const).map((one) => ({
            label: words.tabs[one],
            to: paths.dataset(dataset.id, { tab: one === "schema" ? undefined : one }),
            isCurrent: one === tab,
          }))}
        />
      </div>
      {tab === "schema" && <SchemaTab dataset={dataset} />}
      {tab === "records" && <RecordsTab dataset={dataset} />}
      {tab === "details" && <DetailsTab dataset={dataset} />}
    </>
  );
}

function Refreshing({ dataset }: { dataset: Dataset }) {
  const { refresh } = dataset;
  if (refresh && isBusy(dataset)) return <RefreshProgress refresh={refresh} />;
  if (refresh?.state !== "failed" || !refresh.error) return null;
  const { message, hint, tried } = refresh.error;
  const problem = new Problem(500, { detail: message, hint, tried });
  return <ErrorState error={problem} wanted={words.refresh} />;
}

function Tools({ dataset }: { dataset: Dataset }) {
  const { asked, open, close } = useAsked();
  const queries = useQueryClient();
  const router = useRouter();
  const refresh = async () => {
    try {
      await refreshDataset(dataset.id);
      showDone(words.refreshAsked(dataset.name));
      await queries.invalidateQueries({ queryKey: ["datasets"] });
    } catch (error) {
      showProblem(error, words.refresh);
    }
  };
  return (
    <>
      <WriteButton variant="secondary" isDisabled={isBusy(dataset)} onPress={() => void refresh()}>
        {words.refresh}
      </WriteButton>
      <RowMenu
        label={t.more}
        size="M"
        items={[
          { id: "edit", label: words.edit },
          { id: "delete", label: words.delete },
        ]}
        onAction={open}
      />
      {asked === "edit" && <DatasetDialog dataset={dataset} onClose={close} />}
      {asked === "delete" && (
        <ConfirmDialog
          title={words.delete}
          isDestructive
          confirmLabel={words.delete}
          onConfirm={async () => {
            await detachDataset(dataset);
            await router.navigate({ href: BASE + paths.datasets() });
            queries.removeQueries({ queryKey: ["datasets", dataset.id] });
            await queries.invalidateQueries({ queryKey: ["datasets"] });
          }}
          onClose={close}
        >
          {words.deleteText(dataset.name)}
        </ConfirmDialog>
      )}
    </>
  );
}
