// What the browser meets: the built program as a server, with practice targets, profiles, segments and destinations.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const PROGRAM =
  process.env.OUTFLOW_PROGRAM ?? fileURLToPath(new URL("../../target/debug/outflow", import.meta.url));
export const CHROMIUM = process.env.OUTFLOW_CHROMIUM ?? "/usr/bin/chromium";

const READY_MILLIS_MAX = 120_000;
const PROFILES = "5000";
export const SEGMENTS = [
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
  /** The server's data. */
  dataDir: string;
  /** Where the practice targets keep what they got. */
  practiceDir: string;
  /** The profiles' files, as a pattern. */
  profiles: string;
  practice: Practice;
  sshd: Sshd;
  /** Runs the program, and returns what it printed. */
  run: (...args: string[]) => string;
};

/** What `outflow practice` prints. */
export type Practice = {
  control: string;
  s3: { endpoint: string; region: string; bucket: string; accessKeyId: string; secretAccessKey: string };
  kinesis: { endpoint: string; region: string; stream: string; accessKeyId: string; secretAccessKey: string };
  sftp: { host: string; port: number; user: string; password: string; hostKey: string; folder: string };
  eventHubs: { endpoint: string; hub: string; policies: { name: string; key: string; rights: string[] }[] };
};

/** An OpenSSH server: what scripts/servers/sshd.sh says of it. */
export type Sshd = {
  host: string;
  port: number;
  user: string;
  password: string;
  hostKey: string;
  /** What the user sees as /upload. */
  uploadDir: string;
};

/** Starts all of it in a folder of its own; the second of what it returns ends and removes it. */
export async function startWorld(): Promise<[World, () => void]> {
  const folder = mkdtempSync(join(tmpdir(), "outflow-console-"));
  const children: ChildProcess[] = [];
  const end = () => {
    for (const child of children) child.kill();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  try {
    return [await makeWorld(folder, children), end];
  } catch (error) {
    end();
    throw error;
  }
}

async function makeWorld(folder: string, children: ChildProcess[]): Promise<World> {
  const dataDir = join(folder, "server");
  const practiceDir = join(folder, "practice");
  const [practice, url] = await Promise.all([startPractice(children, practiceDir), startServer(children, dataDir)]);
  // Nothing of this terminal's own servers and secrets may be meant.
  const config = { PATH: process.env.PATH, OUTFLOW_SERVER: url, XDG_CONFIG_HOME: join(folder, "config") };
  const token = runner(config)("token", "--data-dir", dataDir).trim().split("\n").at(-1) ?? "";
  const run = runner({ ...config, OUTFLOW_TOKEN: token, SECRET: practice.s3.secretAccessKey });
  const profiles = join(folder, "profiles", "*.parquet");
  run("profiles", "generate", "--count", PROFILES, "--seed", "1", "--out", join(folder, "profiles"));
  seed(run, practice, profiles);
  return {
    url,
    secret: readFileSync(join(dataDir, "admin-secret"), "utf8").trim(),
    token,
    control: practice.control,
    dataDir,
    practiceDir,
    profiles,
    practice,
    sshd: JSON.parse(process.env.OUTFLOW_TEST_SSHD ?? "{}") as Sshd,
    run,
  };
}

function runner(env: NodeJS.ProcessEnv) {
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
    await new Promise((resolve) => setTimeout(resolve, 100));
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
function seed(run: (...args: string[]) => string, { s3, kinesis }: Practice, profiles: string) {
  run("datasets", "attach", "customers", profiles, "--identity", "profileId=CRMID");
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
