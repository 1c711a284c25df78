// An account as a form, and what of the form has changed as a JSON Patch.

import type { PatchOperation } from "../../api/accounts";
import type { HostKey } from "../../api/probe";
import type { Account } from "../../api/shapes";
import { withHostKey } from "../../parts/fault";
import { sentValues, type Values } from "../../parts/schema";

export type AccountForm = { name: string; description: string; params: Values; publicKey: string };

export function formOf(account: Account): AccountForm {
  return {
    name: account.name,
    description: account.description ?? "",
    params: { ...account.auth?.params },
    publicKey: account.encryption?.params.publicKey ?? "",
  };
}

/** Only what differs: an account whose name alone changes needs no connection test. */
export function accountOperations(account: Account, form: AccountForm): PatchOperation[] {
  const before = formOf(account);
  const operations: PatchOperation[] = [];
  if (form.name !== before.name) operations.push({ op: "replace", path: "/name", value: form.name });
  operations.push(...member("/description", before.description, form.description, form.description));
  const params = sentValues(form.params);
  if (JSON.stringify(sorted(params)) !== JSON.stringify(sorted(sentValues(before.params)))) {
    operations.push({ op: "replace", path: "/auth/params", value: params });
  }
  const encryption = { specName: "File Encryption", params: { encryptionAlgo: "PGP/GPG", publicKey: form.publicKey } };
  operations.push(...member("/encryption", before.publicKey, form.publicKey, encryption));
  return operations;
}

/** Puts a server's key into an account; secrets stay as they are. */
export function approvalOf(account: Account, hostKey: HostKey): PatchOperation[] {
  return [{ op: "replace", path: "/auth/params", value: withHostKey(account.auth?.params ?? {}, hostKey) }];
}

function member(path: string, before: string, now: string, value: unknown): PatchOperation[] {
  if (before === now) return [];
  if (now === "") return [{ op: "remove", path }];
  return [{ op: "add", path, value }];
}

function sorted(values: Values): [string, unknown][] {
  return Object.entries(values).sort(([a], [b]) => a.localeCompare(b));
}
