// The profile store as a source of flows. All flows of the console share one.

import { answer, api, PAGE_ITEMS } from "./client";

const PATH = "/data/foundation/flowservice/sourceConnections";
const PROFILE_STORE_SPEC = "8a9c3494-9708-43d7-ae3f-cda01e5030e1";
/** As the command line calls it, so that both use the same. */
const NAME = "profile store";

/** The id of the source; made where it is missing. */
export async function profileStore(): Promise<string> {
  const list = await answer(api.GET(PATH, { params: { query: { property: [`name==${NAME}`], limit: PAGE_ITEMS } } }));
  const found = list.items.find((source) => source.connectionSpec.id === PROFILE_STORE_SPEC);
  if (found) return found.id;
  const body = { name: NAME, connectionSpec: { id: PROFILE_STORE_SPEC, version: "1.0" } };
  return (await answer(api.POST(PATH, { body }))).id;
}
