import { expect, test } from "vitest";
import { needsOf } from "./needs";

const s3 = [
  "text",
  "",
  "```json",
  '{"Action": "s3:PutObject", "Resource": "arn:aws:s3:::acme-exports/audiences/daily/*"}',
  "```",
];

test("a policy names what was entered, up to the folder's first macro", () => {
  const policy = (target: Record<string, string>) => needsOf("s3", s3.join("\n"), {}, target)[0]?.text;
  expect(policy({ bucketName: "b", path: "/x/%SEGMENT_NAME%/" })).toContain("arn:aws:s3:::b/x/*");
  expect(policy({ bucketName: "b" })).toContain("arn:aws:s3:::b/*");
  expect(policy({})).toContain("acme-exports/audiences/daily");
});

test("the rule of a hub is a command", () => {
  const [rule] = needsOf(
    "eventhubs",
    "",
    { namespace: "ns.servicebus.windows.net", sasKeyName: "send" },
    { eventHubName: "h" },
  );
  expect(rule?.text).toContain("--namespace-name ns \\\n  --eventhub-name h \\\n  --name send");
});

test("indented blocks are found, and none is made up", () => {
  const guide = "1. x\n\n   ```\n   Match Group sftponly\n       ForceCommand internal-sftp\n   ```\n";
  expect(needsOf("sftp", guide, {}, {})).toEqual([
    { id: "sftp", text: "Match Group sftponly\n    ForceCommand internal-sftp" },
  ]);
  expect(needsOf("folder", guide, {}, {})).toEqual([]);
});
