// Writes src/api/schema.gen.ts from the API's OpenAPI document; with --check only says whether it is stale.

import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";

const DOCUMENT = new URL("../../openapi.json", import.meta.url);
const WRITTEN = new URL("../src/api/schema.gen.ts", import.meta.url);
const HEAD = "// Generated from openapi.json by `npm run types`; changes by hand are lost.\n\n";

const wanted = HEAD + astToString(await openapiTS(DOCUMENT, { alphabetize: true, emptyObjectsUnknown: true }));
if (process.argv.includes("--check")) {
  const found = await readFile(WRITTEN, "utf8").catch(() => "");
  if (found !== wanted) {
    console.error("src/api/schema.gen.ts does not fit ../openapi.json: run `npm run types`");
    process.exit(1);
  }
} else {
  await writeFile(WRITTEN, wanted);
}
