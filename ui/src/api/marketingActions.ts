// What data may be used for. A destination names its actions by references, which policies judge.

import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "./client";

const LIMIT = 100;

export type MarketingAction = {
  /** As `enforcementRefs` names it. */
  reference: string;
  name: string;
  label: string;
  description?: string;
  isCustom: boolean;
};

export const referenceOf = (name: string, isCustom: boolean) =>
  `/dulepolicy/marketingActions/${isCustom ? "custom" : "core"}/${name}`;

export const marketingActionsQuery = queryOptions({
  queryKey: ["marketingActions"],
  queryFn: async (): Promise<MarketingAction[]> => {
    const params = { query: { limit: LIMIT } };
    const [core, custom] = await Promise.all([
      answer(api.GET("/data/foundation/dulepolicy/marketingActions/core", { params })),
      answer(api.GET("/data/foundation/dulepolicy/marketingActions/custom", { params })),
    ]);
    return [
      ...core.children.map((action) => ({
        reference: referenceOf(action.name, false),
        name: action.name,
        label: action.friendlyName,
        description: action.description ?? undefined,
        isCustom: false,
      })),
      ...custom.children.map((action) => ({
        reference: referenceOf(action.name, true),
        name: action.name,
        label: action.name,
        description: action.description ?? undefined,
        isCustom: true,
      })),
    ];
  },
});

export function putMarketingAction(name: string, description: string) {
  const params = { path: { id: name } };
  const body = { name, ...(description !== "" && { description }) };
  return answer(api.PUT("/data/foundation/dulepolicy/marketingActions/custom/{id}", { params, body }));
}

/** The last part of a reference, for actions that are not on the list any more. */
export function actionName(reference: string): string {
  return (
    reference
      .replace(/\/constraints$/, "")
      .split("/")
      .at(-1) ?? reference
  );
}
