// Words about policies that a change would make destinations violate.

export const violations = {
  title: "This violates policies",
  lead: "Nothing is saved yet. Follow one of the ways out, or save it all the same: the destinations are then paused until they violate nothing.",
  where: (flow: string, segment: string) => `In the destination ${flow}, with the segment ${segment}`,
  condition: "Denied",
  actions: "Marketing actions",
  lineage: "Where the data comes from",
  picture: "Picture",
  list: "List",
  view: "View",
  columns: ["Dataset", "Field", "Used for", "Segment", "Destination"],
  moreWays: (n: number) =>
    n === 1 ? "1 more way is not shown." : `${n.toLocaleString("en-US")} more ways are not shown.`,
  uses: {
    rule: "Segment rule",
    mapping: "Mapping",
    mandatory: "Mandatory field",
    deduplication: "Deduplication",
    message: "Every message",
  } as Record<string, string>,
  waysOut: "Any one resolves it",
  and: " and ",
  more: (n: number) => `And ${n.toLocaleString("en-US")} more`,
  pause: (n: number) => (n === 1 ? "Save and pause 1 destination" : `Save and pause ${n} destinations`),
  paused: (names: string) => `Saved. Paused: ${names}`,
  steps: {
    unmap: (fields: string) => `take ${fields} out of the mapping`,
    dropMandatory: (fields: string) => `make ${fields} not mandatory`,
    changeKey: (fields: string) => `deduplicate by something else than ${fields}`,
    changeRule: (segment: string, fields: string) => `change the rule of ${segment} so that it does not read ${fields}`,
    changeLabels: (labels: string, field: string | undefined, dataset: string) =>
      `take ${labels} off ${field === undefined ? "" : `${field} of `}${dataset}, if it does not apply`,
    removeSegment: (segment: string) => `take ${segment} out of the destination`,
    dropActions: (actions: string) => `do not use the data for ${actions}`,
    disablePolicy: (policy: string) => `switch the policy ${policy} off`,
  },
};
