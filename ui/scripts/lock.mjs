// Completes package-lock.json after `npm install`: run as `npm run lock`.
//
// Some packages name a binary for each platform, and not every registry has all of them. `npm install` passes over those
// that it does not find, and `npm ci` then refuses the lock for what it lacks. They are entered here, for their platform
// alone, so that the lock is the same wherever it is made.

import { readFile, writeFile } from "node:fs/promises";

const LOCK = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(await readFile(LOCK, "utf8"));
const OS = ["darwin", "linux", "win32", "freebsd", "android"];
const CPU = ["arm64", "x64", "arm", "ia32", "ppc64", "s390x", "riscv64"];

let added = 0;
for (const entry of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const key = `node_modules/${name}`;
    const [os, cpu] = [OS, CPU].map((all) => all.filter((one) => name.split(/[-/]/).includes(one)));
    if (lock.packages[key] || os.length === 0 || !/^\d/.test(version)) continue;
    lock.packages[key] = {
      version,
      ...(entry.dev && { dev: true }),
      optional: true,
      os,
      ...(cpu.length > 0 && { cpu }),
    };
    added += 1;
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
await writeFile(LOCK, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} entries added`);
