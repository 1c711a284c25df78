// What lies at the far end, read from the disks of the targets, and what should lie there, told by another way than the
// server's: an export from the profiles' files by the command line.

import { chownSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { world } from "./browser";
import { SEGMENTS } from "./world";

/** Files below a folder of the bucket, or of the user of the SFTP server: their bytes, by name. */
export function filesIn(target: "s3" | "sftp", folder: string): Map<string, Buffer> {
  const { practiceDir, practice, sshd } = world;
  const root = target === "s3" ? join(practiceDir, "s3", practice.s3.bucket, folder) : join(sshd.uploadDir, folder);
  const names = readdirSync(root, { recursive: true, withFileTypes: true });
  const files = names.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
  return new Map(files.map((file) => [file.slice(root.length + 1), readFileSync(file)]));
}

/** An empty folder of the user of the SFTP server. */
export function makeSftp(folder: string) {
  clearSftp(folder);
  const path = join(world.sshd.uploadDir, folder);
  const { uid, gid } = statSync(world.sshd.uploadDir);
  mkdirSync(path);
  chownSync(path, uid, gid);
}

export function clearSftp(folder: string) {
  rmSync(join(world.sshd.uploadDir, folder), { recursive: true, force: true });
}

export type Message = {
  profileId: string;
  runId: string;
  homeAddress?: { country?: string };
  segmentMembership: { ups: Record<string, { status: string }> };
};

/** What a stream or hub got by these runs, in no order. */
export function messagesIn(target: "kinesis" | "event-hubs", runs: string[]): Message[] {
  const { practiceDir, practice } = world;
  const name = target === "kinesis" ? practice.kinesis.stream : practice.eventHubs.hub;
  const folder = join(practiceDir, target, name);
  const partitions = readdirSync(folder).filter((file) => file.endsWith(".jsonl"));
  const lines = partitions.flatMap((file) => readFileSync(join(folder, file), "utf8").trim().split("\n"));
  const messages = lines.filter(Boolean).map((line) => bodyOf(JSON.parse(line)));
  return messages.filter((message) => runs.includes(message.runId));
}

/** The message within a line of a partition: text, or bytes in base64. */
function bodyOf(line: Record<string, unknown>): Message {
  const text = [line.text, line.body, line.data].find((one) => one !== undefined);
  return (typeof text === "string" ? JSON.parse(text) : text) as Message;
}

/** The rows that a segment has with these columns (`path:header`), as CSV without the line of headers, ordered. */
export function rowsOf(segment: string, columns: string[]): string[] {
  const rule = SEGMENTS.find(([name]) => name === segment)?.[1] ?? "";
  const folder = mkdtempSync(join(tmpdir(), "outflow-console-expected-"));
  try {
    const to = ["--to", `file://${folder}`, "--name", "expected"];
    world.run("export", "--profiles", world.profiles, "--where", rule, "--fields", columns.join(","), ...to);
    return rowsIn(readFileSync(join(folder, "expected.csv")));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The lines of a CSV file but the first, ordered. */
export function rowsIn(file: Buffer): string[] {
  return file.toString("utf8").trim().split("\n").slice(1).sort();
}
