import { queryOptions } from "@tanstack/react-query";
import { answer, api, PAGE_ITEMS } from "./client";

/** Names of segments by their ids: of the newest hundred, which is what tables need. */
export const segmentNamesQuery = queryOptions({
  queryKey: ["segments", "names"],
  queryFn: async () => {
    const list = await answer(
      api.GET("/data/core/ups/segment/definitions", { params: { query: { limit: PAGE_ITEMS } } }),
    );
    return new Map(list.segments.map((segment) => [segment.id, segment.name]));
  },
  staleTime: 60_000,
});
