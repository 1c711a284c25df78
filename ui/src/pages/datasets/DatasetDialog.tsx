// Attaches a dataset, or changes one.

import { Picker, PickerItem, TextArea } from "@react-spectrum/s2";
import { style } from "@react-spectrum/s2/style" with { type: "macro" };
import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useState } from "react";
import type { Dataset } from "../../api/dataShapes";
import { attachDataset, patchDataset } from "../../api/datasets";
import { FormDialog } from "../../parts/FormDialog";
import { faultAt, NameFields } from "../../parts/formFields";
import { showDone } from "../../parts/toast";
import { BASE, paths } from "../../paths";
import { t } from "../../strings/en";
import { datasets as words } from "../../strings/en/datasets";
import { AttachFiles } from "./AttachFiles";
import { bodyOf, type Draft, draftOf, guessOf, missingOf, operationsOf } from "./datasetDraft";
import { flatFields, labelled } from "./fields";
import { IdentityRows } from "./IdentityRows";
import { PathField } from "./PathField";
import { useLook } from "./useLook";

const full = style({ width: "full" });
const FORMATS = ["parquet", "csv", "ndjson"];
const BY_NAME = "by-name";

type Props = { dataset?: Dataset; onClose: () => void };

export function DatasetDialog({ dataset, onClose }: Props) {
  const queries = useQueryClient();
  const router = useRouter();
  const [draft, setDraft] = useState<Draft>(() => draftOf(dataset));
  // What is found wrong is said of what was sent, not of what is typed since.
  const [sent, setSent] = useState<Draft>();
  const change = (part: Partial<Draft>) => setDraft({ ...draft, ...part });
  const { form } = words;
  const looking = useLook(draft);
  const { found } = looking;
  const none = { labels: [], optionalLabels: [], etag: "" };
  const fields = found ? flatFields(labelled(found.fields, none, "")) : [];
  const known = fields.filter((field) => field.fields.length === 0).map(({ path }) => path);
  const missing = missingOf(draft);
  return (
    <FormDialog
      title={dataset ? words.edit : words.attach}
      submitLabel={dataset ? t.save : form.submit}
      size={found ? "XL" : "L"}
      isDisabled={missing.length > 0}
      note={missing.length > 0 ? form.missing(missing) : undefined}
      onClose={onClose}
      onReload={dataset && (() => queries.invalidateQueries({ queryKey: ["datasets"] }).then(onClose))}
      onSubmit={async (onViolation) => {
        setSent(draft);
        const answered = dataset
          ? await patchDataset(dataset, operationsOf(draft), onViolation)
          : await attachDataset(bodyOf(draft));
        showDone(dataset ? words.saved(draft.name) : words.attached(draft.name));
        await queries.invalidateQueries({ queryKey: ["datasets"] });
        if (!dataset) void router.navigate({ href: BASE + paths.dataset(answered.id) });
        return answered;
      }}
    >
      {(problem) => (
        <>
          <NameFields labels={form} autoFocus value={draft} onChange={change} problem={problem} />
          <TextArea
            label={form.urls}
            isRequired
            description={form.urlsHelp}
            value={draft.urls}
            onChange={(urls) => change({ urls })}
            {...faultAt(looking.problem ?? (sent?.urls === draft.urls ? problem : undefined), "/source/urls")}
            styles={full}
          />
          <Picker
            label={form.format}
            selectedKey={draft.format || BY_NAME}
            onSelectionChange={(key) => change({ format: key === BY_NAME ? "" : String(key) })}
          >
            <PickerItem id={BY_NAME}>{form.byName}</PickerItem>
            {FORMATS.map((format) => (
              <PickerItem key={format} id={format}>
                {format}
              </PickerItem>
            ))}
          </Picker>
          <AttachFiles draft={draft} looking={looking} onChange={change} />
          <IdentityRows
            identities={draft.identities}
            sent={sent?.identities ?? []}
            onChange={(identities) => change({ identities })}
            problem={problem}
            paths={known}
            namespaceOf={(path) => (found ? guessOf(found, path) : "")}
          />
          <PathField
            label={form.timestamp}
            description={form.timestampHelp}
            value={draft.timestamp}
            paths={found ? [...new Set([...found.timestamps, ...known])] : []}
            onChange={(timestamp) => change({ timestamp })}
            {...faultAt(sent?.timestamp === draft.timestamp ? problem : undefined, "/timestamp")}
          />
        </>
      )}
    </FormDialog>
  );
}
