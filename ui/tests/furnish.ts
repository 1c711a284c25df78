// What a server in use would have beside the tests' own objects, for its pictures: more data, segments whose members change,
// a destination of each kind, a run that failed, messages that were refused, and rules of every kind.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ask, call, datasetId, idOf, world } from "./browser";

const BASE = "/data/foundation";
const STORES = ["Berlin Mitte", "Hamburg Altona", "Lyon Part-Dieu", "Seattle Pike Place", "Austin South"];
const SEGMENTS = [
  ["frequent-visitors", "storeVisits.count >= 4"],
  ["lapsed-customers", "lastPurchaseDate occurs > 180 days before now and lifetimeValue > 50"],
  ["newsletter-readers", 'newsletter.isOpen = true and newsletter.topics = "offers" and not loyalty.tier = "bronze"'],
] as const;

/** How often segments are evaluated, with other visits each time. */
const EVALUATIONS = 6;

export async function furnish() {
  world.run("clients", "create", "warehouse-loader", "--scope", "write", "--name", "Loader of the warehouse");
  world.run("clients", "create", "dashboards", "--scope", "read", "--name", "Dashboards", "--for-sandbox", "*");
  addData();
  await label();
  await govern();
  await deliver();
  world.run("schedules", "create", "nightly", "--cron", "0 0 1 * * ?");
  world.run("schedules", "create", "visitors", "--cron", "0 15 * * * ?", "--segment", "frequent-visitors");
  world.run(
    "alerts",
    "subscribe",
    "on-call",
    "--webhook",
    "https://alerts.example.com/outflow",
    "--kind",
    "run-failure",
  );
  world.run(
    "alerts",
    "subscribe",
    "marketing",
    "--webhook",
    "https://marketing.example.com/outflow",
    "--flow",
    "daily-files",
  );
}

const folder = () => join(world.dataDir, "..", "more");

function addData() {
  mkdirSync(folder(), { recursive: true });
  writeVisits(0);
  const readers = people(900, 3).map((id, at) => `${id},${at % 4 !== 0},${at % 3 === 0 ? "news" : "offers"}`);
  const newsletter = ["subscriber,newsletter.isOpen,newsletter.topics", ...readers];
  writeFileSync(join(folder(), "newsletter.csv"), newsletter.join("\n"));
  const attach = (name: string, file: string, path: string, ...more: string[]) =>
    world.run("datasets", "attach", name, join(folder(), file), "--identity", `${path}=CRMID`, ...more);
  attach("store-visits", "visits.ndjson", "customer", "--description", "Visits of the stores, from the tills");
  attach("newsletter", "newsletter.csv", "subscriber");
  for (const [name, rule] of SEGMENTS) world.run("segments", "create", name, "--rule", rule);
  for (let times = 1; times <= EVALUATIONS; times += 1) {
    writeVisits(times);
    world.run("datasets", "refresh", "store-visits");
    world.run("segments", "evaluate");
  }
}

/** Ids of sample profiles, every so many-th. */
function people(count: number, step: number): string[] {
  return Array.from({ length: count }, (_, at) => `P${String(100_000_000_000 + 1 + at * step)}`);
}

/** Visits as of the day of this number: most people come more often, some not any more. */
function writeVisits(day: number) {
  const lines = people(1_700, 2).map((customer, at) => {
    const count = ((at * 7) % 5) + Math.floor((day * ((at * 13) % 9)) / 8) - (at % 11 === day ? 3 : 0);
    return JSON.stringify({ customer, storeVisits: { count: Math.max(count, 0), last: STORES[at % STORES.length] } });
  });
  writeFileSync(join(folder(), "visits.ndjson"), lines.join("\n"));
}

async function label() {
  const field = (path: string, ...labels: string[]) => ({
    option: { schemaPath: `/properties/${path.replaceAll(".", "/properties/")}` },
    labels,
  });
  await call("PUT", `${BASE}/dulepolicy/labels/custom/minors`, {
    name: "minors",
    category: "Custom",
    friendlyName: "May be about minors",
    description: "The age of people is not checked: nothing that is for adults only may go there.",
  });
  const optionalLabels = [
    field("personalEmail.address", "I1"),
    field("mobilePhone.number", "I1", "C4"),
    field("homeAddress.postalCode", "S2"),
    field("person.birthDate", "I2", "minors"),
  ];
  await call("POST", `${BASE}/dataset/datasets/${await datasetId()}/labels`, { optionalLabels });
}

async function govern() {
  await call("PUT", `${BASE}/dulepolicy/enabledCorePolicies`, { policyIds: ["corepolicy_0003"] });
  const minors = ["--deny", "minors", "--action", "crossSiteTargeting"];
  world.run("policies", "create", "Nothing about minors to partners", ...minors);
  const flow = (await ask("GET", `/flows/${await idOf("flows", "daily-files")}`)).items[0];
  const policy = { enforcementRefs: ["/dulepolicy/marketingActions/core/emailTargeting"] };
  await ask("PATCH", `/flows/${flow.id}`, [{ op: "add", path: "/policy", value: policy }], { "if-match": flow.etag });
  const agreed = ["--needs", "consents.marketing.email.val=y,dy"];
  world.run("consent", "create", "Email needs consent", "--action", "emailTargeting", ...agreed, "--enabled");
  const precise = ["--label", "S1", "--needs", "consents.marketing.email.val=y"];
  world.run("consent", "create", "Places need consent", ...precise);
  const out = people(5, 31).map((id) => `CRMID:${id}`);
  world.run("suppressions", "add", ...out.slice(0, 3), "--reason", "Objected by letter in November");
  world.run("suppressions", "add", ...out.slice(3), "--reason", "Left the loyalty programme");
}

async function deliver() {
  const { sftp, eventHubs } = world.practice;
  const params = (pairs: Record<string, string>) => Object.entries(pairs).flatMap(([k, v]) => ["--param", `${k}=${v}`]);
  const secret = (name: string, value: string) => {
    const file = join(folder(), "secret");
    writeFileSync(file, value);
    return ["--secret", `${name}=file:${file}`];
  };
  const server = { domain: sftp.host, port: String(sftp.port), username: sftp.user, hostKey: sftp.hostKey };
  world.run("accounts", "create", "partner", "--kind", "sftp", ...secret("password", sftp.password), ...params(server));
  world.run("destinations", "create", "partner-weekly", "--account", "partner", ...params({ remotePath: sftp.folder }));
  const weekly = ["--frequency", "weekly", "--start-time", "04:30", "--map", "person.name.firstName,homeAddress.city"];
  const segments = ["--segment", "frequent-visitors", "--segment", "newsletter-readers"];
  world.run("flows", "activate", "partner-weekly", ...weekly, ...segments);

  const policy = eventHubs.policies.find(({ rights }) => rights.length === 1 && rights[0] === "Send");
  const hub = { sasKeyName: policy?.name ?? "", namespace: "practice", endpointUrl: eventHubs.endpoint };
  world.run("accounts", "create", "hub", "--kind", "eventhubs", ...secret("sasKey", policy?.key ?? ""), ...params(hub));
  world.run("destinations", "create", "live-events", "--account", "hub", ...params({ eventHubName: eventHubs.hub }));
  await fault({ eventHubs: { reject: { times: 3, condition: "amqp:link:message-size-exceeded" } } });
  world.run("flows", "activate", "live-events", "--map", "loyalty.tier", "--segment", "frequent-visitors");

  world.run("flows", "run", "partner-weekly", "--watch");
  world.run("flows", "run", "daily-files", "--watch");
  await fault({ s3: { wrongCredentials: true } });
  try {
    world.run("flows", "run", "daily-files", "--watch");
  } catch {
    // The command ends as the run does.
  }
  await fault({ s3: { wrongCredentials: false } });
  for (let times = 0; times < 2; times += 1) world.run("flows", "run", "daily-files", "--watch");
}

/** Switches faults of the practice targets. */
export async function fault(faults: object) {
  const answer = await fetch(world.control, { method: "PUT", body: JSON.stringify(faults) });
  if (!answer.ok) throw new Error(`the practice targets refuse this fault: ${await answer.text()}`);
}
