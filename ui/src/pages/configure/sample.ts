// What a delivery will look like, with made-up people.

import { type Cell, csvLines, jsonLines } from "../../parts/csv";
import {
  DEFAULT_TEMPLATE,
  extensionOf,
  fileName,
  type NameFacts,
  renderFolder,
  renderName,
} from "../../parts/fileName";
import type { Values } from "../../parts/schema";
import type { FileChoices } from "./draft";

const SEGMENT_ID = "12341e18-abcd-49c2-836d-123c88e76c39";
const HEADERS = ["person_name_firstName", "person_name_lastName", "personalEmail_address", "segmentMembership_status"];
const ROWS: Cell[][] = [
  ["Ada", "Byron, Countess", "ada@example.org", "realized"],
  ["Grace", null, "grace@example.org", "realized"],
  ["Edith", "", "edith@example.org", "existing"],
];

export function sampleFacts(name: string, segmentName: string, at: Date): NameFacts {
  return {
    destinationName: name.trim() || "Acme_S3",
    destinationId: "3d17a4ff-9e0a-4f7c-94bb-bc0b61a3a76d",
    segmentId: SEGMENT_ID,
    segmentName,
    organization: "outflow",
    sandbox: "prod",
    at,
  };
}

export function sampleFile(files: FileChoices, target: Values, facts: NameFacts, isEncrypted: boolean) {
  const extension = extensionOf(files, isEncrypted);
  const folder = String(target.path ?? target.remotePath ?? "");
  return {
    name: fileName(renderName(DEFAULT_TEMPLATE, facts), extension),
    folder: renderFolder(folder, facts),
    lines: contentOf(files),
  };
}

function contentOf({ fileType, csvOptions }: FileChoices): string[] {
  return fileType === "CSV" ? csvLines([HEADERS, ...ROWS], csvOptions) : jsonLines(HEADERS, ROWS);
}

/** A message about somebody who entered a segment. */
export function sampleMessage(target: Values, segmentName: string): string {
  const membership = {
    status: "realized",
    lastQualificationTime: "2026-01-11T23:37:33Z",
    ...(target.includeSegmentNames === true && { name: segmentName }),
    ...(target.includeSegmentTimestamps === true && {
      createdAt: 1_768_000_000_000,
      updatedAt: 1_768_000_000_000,
      mappingCreatedAt: 1_768_100_000_000,
      mappingUpdatedAt: 1_768_100_000_000,
    }),
  };
  const message = {
    person: { name: { firstName: "Ada", lastName: "Byron" } },
    personalEmail: { address: "ada@example.org" },
    segmentMembership: { ups: { [SEGMENT_ID]: membership } },
    identityMap: { Email: [{ id: "ada@example.org" }] },
  };
  return JSON.stringify(message, null, 2);
}
