// Addresses of all pages, with their tabs and dialogs.

import { ask, datasetId, idOf, segmentId } from "./browser";

export async function destinationAddresses(): Promise<string[]> {
  const [files, stream, account] = await Promise.all([
    idOf("flows", "daily-files"),
    idOf("flows", "live-messages"),
    idOf("connections", "files"),
  ]);
  const run = (await ask("GET", `/runs?property=flowId==${files}&limit=1`)).items[0].id;
  const kind = (await ask("GET", "/connectionSpecs")).items.at(-1).id;
  return [
    "/destinations",
    `/destinations/catalog?selected=${kind}`,
    `/destinations/browse?selected=${files}`,
    `/destinations/accounts?selected=${account}`,
    "/destinations/system-view",
    "/destinations/system-view?view=list",
    `/destinations/flows/${files}`,
    `/destinations/flows/${files}?tab=data`,
    `/destinations/flows/${stream}`,
    `/destinations/flows/${stream}?tab=letters`,
    `/destinations/runs/${run}`,
    `/destinations/configure/${kind}`,
    `/destinations/activate?spec=${kind}`,
    ...["segments", "schedule", "mapping"].map((step) => `/destinations/activate/${files}?step=${step}`),
    `/destinations/activate/${stream}?step=triggers`,
  ];
}

export async function dataAddresses(): Promise<string[]> {
  const [dataset, segment] = await Promise.all([datasetId(), segmentId("gold-us")]);
  return [
    "/datasets",
    "/datasets?attach=1",
    `/datasets/${dataset}`,
    `/datasets/${dataset}?field=${encodeURIComponent("/properties/person/properties/gender")}`,
    `/datasets/${dataset}?tab=records`,
    `/datasets/${dataset}?tab=details`,
    "/segments",
    "/segments/new",
    `/segments/${segment}`,
    `/segments/${segment}?tab=members`,
    `/segments/${segment}?tab=flows`,
    `/segments/${segment}?tab=details`,
    "/profiles",
    "/policies",
    "/policies?selected=corepolicy_0001",
    "/policies?ask=create",
    "/policies/labels",
    "/policies/labels?ask=create",
    "/policies/marketing-actions",
    "/policies/consent",
    "/policies/consent?ask=create",
    "/policies/suppressions",
    "/policies/suppressions?ask=add",
    "/audit",
    "/audit?selected=1&action=created",
    "/settings",
    "/settings?ask=create",
    "/settings/alerts",
    "/settings/alerts?ask=create",
    "/settings/schedules",
    "/settings/schedules?ask=create",
    "/settings/about",
  ];
}
