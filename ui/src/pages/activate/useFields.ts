// Everything that is known about fields, joined.

import { useQuery } from "@tanstack/react-query";
import { datasetFactsQuery, EVERYBODY, profileSampleQuery, type SchemaNode } from "../../api/profiles";
import { activate as words } from "../../strings/en/activate";
import { fieldsOf } from "./fields";

export function useFields(tree: SchemaNode[], isBatch: boolean, isText: boolean) {
  const { data: facts } = useQuery(datasetFactsQuery);
  const { data: sample } = useQuery(profileSampleQuery(EVERYBODY));
  const fields = fieldsOf({
    tree,
    isBatch,
    isText,
    memberships: words.fields.memberships,
    ...(facts && { facts }),
    ...(sample && { sample }),
  });
  return { fields, namespaces: facts?.namespaces ?? [], sampled: sample?.length ?? 0 };
}
