// Puts a .gz and a .br beside every built file that gets smaller by it, for the server to choose from.

import { readdir, readFile, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const DIST = new URL("../dist/", import.meta.url);
const TEXT = /\.(html|js|css|svg|json)$/;
/** Below this a packet is a packet. */
const BYTES_MIN = 1024;

for (const name of await readdir(DIST, { recursive: true })) {
  if (!TEXT.test(name) || name.startsWith(".vite")) continue;
  const file = new URL(name, DIST);
  const bytes = await readFile(file);
  if (bytes.length < BYTES_MIN) continue;
  const br = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } };
  await writeFile(`${file.pathname}.gz`, await promisify(gzip)(bytes, { level: 9 }));
  await writeFile(`${file.pathname}.br`, await promisify(brotliCompress)(bytes, br));
}
