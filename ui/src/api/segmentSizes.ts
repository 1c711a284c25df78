// Segments with how many profiles are in them, now and before.

import { queryOptions } from "@tanstack/react-query";
import { answer, api, ITEMS_MAX, type Listed, PAGE_ITEMS } from "./client";
import type { Segment } from "./shapes";

export const sizedSegmentsQuery = queryOptions({
  queryKey: ["segments", "sized"],
  queryFn: async (): Promise<Listed<Segment>> => {
    const items: Segment[] = [];
    for (let page = 0; ; page += 1) {
      const query = { limit: PAGE_ITEMS, page, sort: "name:asc" };
      const list = await answer(api.GET("/data/core/ups/segment/definitions", { params: { query } }));
      items.push(...list.segments);
      const isLast = list.segments.length < PAGE_ITEMS;
      if (isLast || items.length >= ITEMS_MAX) return { items, hasMore: !isLast };
    }
  },
});

/** Sizes at the last evaluations, the oldest first. */
export const segmentTrendQuery = (id: string) =>
  queryOptions({
    queryKey: ["segments", id, "trend"],
    queryFn: async () => {
      const params = { path: { id } };
      const history = await answer(api.GET("/data/core/ups/segment/definitions/{id}/history", { params }));
      return history.items.map((item) => ({ at: item.evaluatedAt, size: item.profiles })).reverse();
    },
    staleTime: 60_000,
  });
