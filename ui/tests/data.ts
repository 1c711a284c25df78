// What the tests of the pages of data ask the API for, behind the browser's back.

import { world } from "./browser";

export async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(world.url + path, {
    method,
    headers: { authorization: `Bearer ${world.token}`, "content-type": "application/json", ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  // biome-ignore lint/suspicious/noExplicitAny: answers of all kinds, looked into by the tests
  return (text === "" ? undefined : JSON.parse(text)) as any;
}

export async function datasetId(): Promise<string> {
  return (await call("GET", "/data/foundation/datasets?property=name==customers")).items[0].id;
}

export async function segmentId(name: string): Promise<string> {
  return (await call("GET", `/data/core/ups/segment/definitions?property=name==${name}`)).segments[0].id;
}
