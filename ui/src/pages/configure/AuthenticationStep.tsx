// Whom to sign in as: an account that is there, or a new one. Nothing goes on that was not tried.

import {
  Content,
  Heading,
  InlineAlert,
  Picker,
  PickerItem,
  ProgressBar,
  Radio,
  RadioGroup,
  Text,
} from "@react-spectrum/s2";
import { style } from "@react-spectrum/s2/style" with { type: "macro" };
import type { Account, Spec } from "../../api/shapes";
import { signInTitle } from "../../api/specs";
import { ErrorState } from "../../parts/ErrorState";
import { labelsOf } from "../../parts/fault";
import { GoOn, missing } from "../../parts/GoOn";
import { HostKeyDialog } from "../../parts/HostKey";
import { IntoView } from "../../parts/IntoView";
import { ProbeSteps } from "../../parts/ProbeSteps";
import { missingOf } from "../../parts/schema";
import css from "../../parts/wizard.module.css";
import { t } from "../../strings/en";
import { configure as room } from "../../strings/en/configure";
import { userOf } from "../destinations/workspace";
import type { ConfigureDraft } from "./draft";
import { NewAccount } from "./NewAccount";
import type { Connecting } from "./useConnecting";

const words = room.account;
const full = style({ width: "full" });

type Props = {
  spec: Spec;
  accounts: Account[];
  draft: ConfigureDraft;
  onChange: (part: Partial<ConfigureDraft>) => void;
  connecting: Connecting;
};

export function AuthenticationStep({ spec, accounts, draft, onChange, connecting }: Props) {
  const chosen = accounts.find((account) => account.id === draft.accountId);
  const isConnected = chosen !== undefined && draft.connectedId === chosen.id && !draft.isNewAccount;
  const schema = spec.authSpec.find((auth) => auth.name === draft.authSpec)?.spec;
  const labels = labelsOf(...spec.authSpec.map((auth) => auth.spec));
  const block = draft.isNewAccount
    ? missing([...(draft.accountName.trim() === "" ? [words.name] : []), ...missingOf(schema, draft.params)])
    : chosen === undefined
      ? words.needsChoice
      : undefined;
  return (
    <div className={css.narrow}>
      <RadioGroup
        label={words.which}
        orientation="horizontal"
        value={draft.isNewAccount ? "new" : "existing"}
        onChange={(value) => {
          connecting.clear();
          const [only] = accounts.length === 1 ? accounts : [];
          const isNewAccount = value === "new";
          onChange({ isNewAccount, ...(!isNewAccount && only && { accountId: only.id }) });
        }}
      >
        <Radio value="existing" isDisabled={accounts.length === 0}>
          {words.existing}
        </Radio>
        <Radio value="new">{words.new}</Radio>
      </RadioGroup>
      {accounts.length === 0 && <p className={css.quiet}>{words.noAccounts}</p>}
      {draft.isNewAccount ? (
        <NewAccount spec={spec} draft={draft} onChange={onChange} problem={connecting.atFault} />
      ) : (
        <Picker
          label={words.choose}
          isRequired
          items={accounts}
          placeholder={t.form.choose}
          selectedKey={draft.accountId ?? null}
          onSelectionChange={(key) => {
            connecting.clear();
            onChange({ accountId: key === null ? undefined : String(key) });
          }}
          styles={full}
        >
          {(account) => (
            <PickerItem id={account.id} textValue={account.name}>
              <Text slot="label">{account.name}</Text>
              <Text slot="description">
                {userOf(account) ? words.signsInAs(userOf(account) ?? "") : signInTitle(spec, account.auth?.specName)}
              </Text>
            </PickerItem>
          )}
        </Picker>
      )}
      <div className={css.connect}>
        <GoOn
          label={words.connect}
          variant={isConnected ? "secondary" : "accent"}
          isPending={connecting.isBusy}
          block={block}
          onPress={connecting.connect}
        />
      </div>
      <div aria-live="polite" className={css.stack}>
        {connecting.isBusy && <ProgressBar isIndeterminate label={words.connecting} />}
        {connecting.isBusy && connecting.steps.length > 0 && <ProbeSteps steps={connecting.steps} />}
        {connecting.problem && !connecting.hostKey && (
          <IntoView of={connecting.problem}>
            <ErrorState error={connecting.problem} wanted={words.connect} labels={labels} />
          </IntoView>
        )}
        {isConnected && (
          <IntoView of={connecting.steps}>
            <InlineAlert variant="positive">
              <Heading>{words.connected}</Heading>
              <Content>
                <p>{words.connectedText(chosen.name)}</p>
                {connecting.steps.length > 0 && <ProbeSteps steps={connecting.steps} />}
              </Content>
            </InlineAlert>
          </IntoView>
        )}
      </div>
      {connecting.hostKey && (
        <HostKeyDialog hostKey={connecting.hostKey} onApprove={connecting.approve} onClose={() => connecting.clear()} />
      )}
    </div>
  );
}
