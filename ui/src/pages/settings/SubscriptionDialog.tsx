import {
  Checkbox,
  CheckboxGroup,
  Picker,
  PickerItem,
  Radio,
  RadioGroup,
  TextArea,
  TextField,
} from "@react-spectrum/s2";
import { style } from "@react-spectrum/s2/style" with { type: "macro" };
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Subscription } from "../../api/dataShapes";
import { flowsQuery } from "../../api/flows";
import { createSubscription, patchSubscription } from "../../api/settings";
import { FormDialog } from "../../parts/FormDialog";
import { faultAt } from "../../parts/formFields";
import { missing } from "../../parts/GoOn";
import { MASK } from "../../parts/schema";
import { showDone } from "../../parts/toast";
import { t } from "../../strings/en";
import { settings as room } from "../../strings/en/settings";
import { bodyOf, draftOf, isWhole, operationsOf, type SubscriptionDraft } from "./subscription";

const words = room.alerts;
const full = style({ width: "full" });
const ALL_FLOWS = "all";

type Props = { subscription?: Subscription; onClose: () => void };

export function SubscriptionDialog({ subscription, onClose }: Props) {
  const queries = useQueryClient();
  const flows = useQuery(flowsQuery);
  const [draft, setDraft] = useState<SubscriptionDraft>(() => draftOf(subscription));
  const change = (part: Partial<SubscriptionDraft>) => setDraft({ ...draft, ...part });
  const unsaid = [
    ...(draft.name.trim() === "" ? [words.name] : []),
    ...(isWhole({ ...draft, name: "any" }) ? [] : [draft.type === "webhook" ? words.url : words.to]),
  ];
  const isMasked = draft.secret === MASK;
  return (
    <FormDialog
      title={subscription ? words.editTitle : words.createTitle}
      submitLabel={subscription ? t.save : words.create}
      isDisabled={!isWhole(draft)}
      note={missing(unsaid)}
      onClose={onClose}
      onReload={subscription && (() => queries.invalidateQueries({ queryKey: ["subscriptions"] }))}
      onSubmit={async () => {
        await (subscription
          ? patchSubscription(subscription, operationsOf(draft, subscription))
          : createSubscription(bodyOf(draft)));
        showDone(room.saved(draft.name));
        await queries.invalidateQueries({ queryKey: ["subscriptions"] });
      }}
    >
      {(problem) => (
        <>
          <TextField
            label={words.name}
            isRequired
            autoFocus
            value={draft.name}
            onChange={(name) => change({ name })}
            {...faultAt(problem, "/name")}
            styles={full}
          />
          <CheckboxGroup
            label={words.kinds}
            description={words.kindsHelp}
            value={draft.kinds}
            onChange={(kinds) => change({ kinds })}
          >
            {Object.entries(words.kindNames).map(([kind, label]) => (
              <Checkbox key={kind} value={kind}>
                {label}
              </Checkbox>
            ))}
          </CheckboxGroup>
          <Picker
            label={words.flow}
            items={[{ id: ALL_FLOWS, name: words.allFlows }, ...(flows.data?.items ?? [])]}
            selectedKey={draft.flowId || ALL_FLOWS}
            onSelectionChange={(key) => change({ flowId: key === ALL_FLOWS ? "" : String(key) })}
          >
            {({ id, name }) => <PickerItem id={id}>{name}</PickerItem>}
          </Picker>
          <RadioGroup
            label={words.channel}
            orientation="horizontal"
            value={draft.type}
            onChange={(type) => change({ type: type === "email" ? "email" : "webhook" })}
          >
            <Radio value="webhook">{words.webhook}</Radio>
            <Radio value="email">{words.email}</Radio>
          </RadioGroup>
          {draft.type === "webhook" ? (
            <>
              <TextField
                label={words.url}
                isRequired
                type="url"
                value={draft.url}
                onChange={(url) => change({ url })}
                {...faultAt(problem, "/channel/url")}
                styles={full}
              />
              <TextField
                label={words.secret}
                description={words.secretHelp}
                type="password"
                autoComplete="off"
                value={isMasked ? "" : draft.secret}
                placeholder={isMasked ? words.secretKept : undefined}
                onChange={(secret) => change({ secret })}
                styles={full}
              />
            </>
          ) : (
            <TextArea
              label={words.to}
              description={words.toHelp}
              isRequired
              value={draft.to}
              onChange={(to) => change({ to })}
              {...faultAt(problem, "/channel/to")}
              styles={full}
            />
          )}
        </>
      )}
    </FormDialog>
  );
}
