// What the destination must allow, ready to be handed over: the guide's own policies and stanzas, with what was entered in
// place of their examples.

import type { Values } from "../../parts/schema";

export type Need = { id: "s3" | "s3Trust" | "sftp" | "sftpUser" | "kinesis" | "eventhubs"; text: string };

export function needsOf(connector: string | undefined, guide: string, account: Values, target: Values): Need[] {
  const text = (value: Values[string]) => (value === undefined ? "" : String(value).trim());
  const block = (id: Need["id"], marker: string, change: (code: string) => string): Need[] => {
    const code = codeWith(guide, marker);
    return code === undefined ? [] : [{ id, text: change(code) }];
  };
  switch (connector) {
    case "s3": {
      const [bucket, folder] = [text(target.bucketName), plainFolder(text(target.path))];
      const policy = block("s3", "s3:PutObject", (code) => {
        const place = bucket === "" ? "acme-exports/audiences/daily" : [bucket, folder].filter(Boolean).join("/");
        return code
          .replaceAll("acme-exports/audiences/daily", place)
          .replaceAll("acme-exports", bucket || "acme-exports");
      });
      return account.roleArn ? [...policy, ...trust(guide, text(account.externalId))] : policy;
    }
    case "kinesis": {
      const [region, stream] = [text(target.region) || text(account.region), text(target.stream)];
      const policy = block("kinesis", "kinesis:PutRecords", (code) =>
        code
          .replaceAll("stream/audiences", `stream/${stream || "audiences"}`)
          .replaceAll("eu-west-1", region || "eu-west-1"),
      );
      return account.roleArn ? [...policy, ...trust(guide, text(account.externalId))] : policy;
    }
    case "sftp": {
      const user = text(account.username) || text(account.userName) || "outflow";
      const folder = text(target.remotePath).replace(/^\/+|\/+$/g, "") || "upload";
      const named = (code: string) =>
        code
          .replaceAll(
            /\/srv\/sftp\/outflow(\/upload)?/g,
            (_, upload) => `/srv/sftp/${user}${upload ? `/${folder}` : ""}`,
          )
          .replaceAll("authorized_keys/outflow", `authorized_keys/${user}`)
          .replaceAll("nologin outflow", `nologin ${user}`)
          .replaceAll("-o outflow ", `-o ${user} `);
      return [...block("sftp", "ForceCommand internal-sftp", named), ...block("sftpUser", "useradd", named)];
    }
    case "eventhubs":
      return [{ id: "eventhubs", text: sendRule(account, target) }];
    default:
      return [];
  }
}

function trust(guide: string, externalId: string): Need[] {
  const code = codeWith(guide, "sts:AssumeRole");
  return code === undefined
    ? []
    : [{ id: "s3Trust", text: code.replaceAll("the-external-id", externalId || "the-external-id") }];
}

/** The rule, as Azure's command line makes it. */
function sendRule(account: Values, target: Values): string {
  const namespace = String(account.namespace || "acme-events").split(".")[0];
  const hub = String(account.eventHubName || target.eventHubName || "profiles");
  return [
    "az eventhubs eventhub authorization-rule create \\",
    "  --resource-group RESOURCE_GROUP \\",
    `  --namespace-name ${namespace} \\`,
    `  --eventhub-name ${hub} \\`,
    `  --name ${account.sasKeyName || "outflow-send"} \\`,
    "  --rights Send",
  ].join("\n");
}

/** The guide's code block that has a text in it, without its indentation. */
function codeWith(guide: string, marker: string): string | undefined {
  const blocks = [...guide.matchAll(/^([ \t]*)```[^\n]*\n([\s\S]*?)^[ \t]*```/gm)];
  const found = blocks.find((block) => block[2]?.includes(marker));
  return found?.[2]?.replaceAll(new RegExp(`^${found[1]}`, "gm"), "").trimEnd();
}

/** A folder up to its first macro: what a macro names lies below it. */
function plainFolder(path: string): string {
  const steps = path.split("/").filter((step) => step !== "");
  const macro = steps.findIndex((step) => step.includes("%"));
  return (macro < 0 ? steps : steps.slice(0, macro)).join("/");
}
