// What a flow that is not saved yet would export: written by what writes exports.

import { answer, api, type Schemas } from "./client";

export type RowsPreview = {
  segmentId: string;
  contentType: string;
  /** Of files: headers, and rows with a value or null for each. */
  columns?: string[] | null;
  rows?: (string | null)[][] | null;
  /** The beginning of the file; nothing where files are no text. */
  text?: string | null;
  messages?: Record<string, unknown>[] | null;
  /** Profiles that are shown. */
  profiles: number;
  truncated: boolean;
};

export async function previewRows(flow: Schemas["Flow"], segmentId: string, limit: number): Promise<RowsPreview> {
  const body = { flow, segmentId, limit };
  return (await answer(api.POST("/data/foundation/flowservice/flows/rowsPreview", { body }))) as unknown as RowsPreview;
}
