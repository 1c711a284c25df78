// What the browser meets: the built program as a server, with practice targets, profiles, segments and destinations.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";

const PROGRAM = process.env.OUTFLOW_PROGRAM ?? fileURLToPath(new URL("../../target/debug/outflow", import.meta.url));
const READY_MILLIS_MAX = 60_000;
const PROFILES = "5000";
const SEGMENTS = [
  ["gold-us", 'homeAddress.country = "US" and loyalty.tier = "gold"'],
  ["big-spenders", "lifetimeValue > 500 and loyalty.points > 100"],
] as const;
const COLUMNS = "person.name.firstName:firstName,personalEmail.address:email,segmentMembership.status:status";

export type World = {
  url: string;
  /** The secret of the client `admin`. */
  secret: string;
  /** An access token, for what a test does behind the browser's back. */
  token: string;
  /** Where faults of the practice targets are switched. */
  control: string;
  dataDir: string;
  program: string;
  practice: Practice;
};

declare module "vitest" {
  interface ProvidedContext {
    world: World;
  }
}

/** What `outflow practice` prints. */
export type Practice = {
  control: string;
  s3: { endpoint: string; region: string; bucket: string; accessKeyId: string; secretAccessKey: string };
  kinesis: { endpoint: string; region: string; stream: string; accessKeyId: string; secretAccessKey: string };
  sftp: { host: string; port: number; user: string; password: string; hostKey: string; folder: string };
  eventHubs: { endpoint: string; hub: string; policies: { name: string; key: string; rights: string[] }[] };
};

export default async function setup(project: TestProject) {
  if (!existsSync(PROGRAM)) throw new Error(`there is no ${PROGRAM}: build it, or say where it is in OUTFLOW_PROGRAM`);
  const folder = mkdtempSync(join(tmpdir(), "outflow-console-"));
  const children: ChildProcess[] = [];
  const end = () => {
    for (const child of children) child.kill();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  try {
    const practice = await startPractice(children, join(folder, "practice"));
    const dataDir = join(folder, "server");
    const url = await startServer(children, dataDir);
    // Nothing of this terminal's own servers and secrets may be meant.
    const run = runner({ OUTFLOW_SERVER: url, XDG_CONFIG_HOME: join(folder, "config") });
    const token = run("token", "--data-dir", dataDir).trim().split("\n").at(-1) ?? "";
    seed(runner({ OUTFLOW_SERVER: url, OUTFLOW_TOKEN: token, SECRET: practice.s3.secretAccessKey }), practice, folder);
    const secret = readFileSync(join(dataDir, "admin-secret"), "utf8").trim();
    project.provide("world", { url, secret, token, control: practice.control, dataDir, program: PROGRAM, practice });
  } catch (error) {
    end();
    throw error;
  }
  return end;
}

function runner(variables: Record<string, string>) {
  const env = { PATH: process.env.PATH, ...variables };
  return (...args: string[]) =>
    execFileSync(PROGRAM, args, { env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

async function startPractice(children: ChildProcess[], folder: string): Promise<Practice> {
  const child = spawn(PROGRAM, ["practice", "--json", "--data-dir", folder], { stdio: ["ignore", "pipe", "ignore"] });
  children.push(child);
  for await (const line of createInterface({ input: child.stdout })) return JSON.parse(line) as Practice;
  throw new Error("outflow practice ended without a word");
}

async function startServer(children: ChildProcess[], dataDir: string): Promise<string> {
  const listen = `127.0.0.1:${await freePort()}`;
  const url = `http://${listen}`;
  children.push(spawn(PROGRAM, ["serve", "--listen", listen, "--data-dir", dataDir], { stdio: "ignore" }));
  const started = Date.now();
  while (Date.now() - started < READY_MILLIS_MAX) {
    const response = await fetch(`${url}/readyz`).catch(() => undefined);
    if (response?.ok) return url;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("outflow serve was not ready in time");
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/** A dataset, two segments, an account and a destination each for files and for messages; the files were exported once. */
function seed(run: (...args: string[]) => string, { s3, kinesis }: Practice, folder: string) {
  const profiles = join(folder, "profiles");
  run("profiles", "generate", "--count", PROFILES, "--seed", "1", "--out", profiles);
  run("datasets", "attach", "customers", join(profiles, "*.parquet"), "--identity", "profileId=CRMID");
  for (const [name, rule] of SEGMENTS) run("segments", "create", name, "--rule", rule);
  run("segments", "evaluate");
  const params = (pairs: Record<string, string>) => Object.entries(pairs).flatMap(([k, v]) => ["--param", `${k}=${v}`]);
  const keys = { s3AccessKey: s3.accessKeyId, region: s3.region, endpoint: s3.endpoint };
  run("accounts", "create", "files", "--kind", "s3", "--secret", "s3SecretKey=env:SECRET", ...params(keys));
  const stream = { accessKeyId: kinesis.accessKeyId, region: kinesis.region, endpointUrl: kinesis.endpoint };
  run("accounts", "create", "stream", "--kind", "kinesis", "--secret", "secretKey=env:SECRET", ...params(stream));
  run("destinations", "create", "daily-files", "--account", "files", "--bucket", s3.bucket, "--path", "audiences");
  const target = params({ stream: kinesis.stream, region: kinesis.region });
  run("destinations", "create", "live-messages", "--account", "stream", ...target);
  const segments = SEGMENTS.flatMap(([name]) => ["--segment", name]);
  const daily = ["--frequency", "daily", "--start-time", "06:00", "--map", COLUMNS];
  run("flows", "activate", "daily-files", ...daily, ...segments);
  run("flows", "activate", "live-messages", "--map", "personalEmail.address", ...segments);
  run("flows", "run", "daily-files", "--watch");
}
