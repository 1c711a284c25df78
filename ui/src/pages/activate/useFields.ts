// Everything that is known about fields, joined.

import { useQuery } from "@tanstack/react-query";
import type { ProfileFields } from "../../api/dataShapes";
import { datasetFactsQuery, EVERYBODY, profileSampleQuery } from "../../api/profiles";
import { activate as words } from "../../strings/en/activate";
import { fieldsOf, knownOf } from "./fields";

export function useFields(schema: ProfileFields, isBatch: boolean, isText: boolean) {
  const { data: facts } = useQuery(datasetFactsQuery);
  const { data: sample } = useQuery(profileSampleQuery(EVERYBODY));
  const fields = fieldsOf({
    schema,
    isBatch,
    isText,
    memberships: words.fields.memberships,
    ...(facts && { facts }),
    ...(sample && { sample }),
  });
  return { fields, namespaces: facts?.namespaces ?? [], known: knownOf(schema, sample) };
}
