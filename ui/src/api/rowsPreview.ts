// What a flow that is not saved yet would export: written by what writes exports.

import { answer, api, type Schemas } from "./client";

export type RowsPreview = Schemas["RowsPreview"];

export async function previewRows(flow: Schemas["Flow"], segmentId: string, limit: number): Promise<RowsPreview> {
  const body = { flow, segmentId, limit };
  return answer(api.POST("/data/foundation/flowservice/flows/rowsPreview", { body }));
}
