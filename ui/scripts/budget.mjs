// Fails the build when what a first visit loads is too large: the entry, the first page, and all that they import.

import { readFile, rm } from "node:fs/promises";
import { gzipSync } from "node:zlib";

const DIST = new URL("../dist/", import.meta.url);
const BYTES_MAX = 300_000;
const FIRST = ["index.html", "src/pages/destinations/OverviewPage.tsx"];

const manifest = JSON.parse(await readFile(new URL(".vite/manifest.json", DIST), "utf8"));
const files = new Set();
function take(key) {
  const chunk = manifest[key];
  if (!chunk || files.has(chunk.file)) return;
  files.add(chunk.file);
  for (const css of chunk.css ?? []) files.add(css);
  for (const other of chunk.imports ?? []) take(other);
}
for (const key of FIRST) take(key);

let total = 0;
for (const file of files) {
  const bytes = gzipSync(await readFile(new URL(file, DIST)), { level: 9 }).length;
  total += bytes;
  console.log(`${String(bytes).padStart(8)}  ${file}`);
}
console.log(`${String(total).padStart(8)}  bytes on a first visit, gzip; ${BYTES_MAX} are allowed`);
// The manifest is of the build alone and is not served.
await rm(new URL(".vite/", DIST), { recursive: true });
if (total > BYTES_MAX) process.exit(1);
