// Words of the profiles page.

const count = (n: number, one: string, many: string) => `${n.toLocaleString("en-US")} ${n === 1 ? one : many}`;

export const profiles = {
  title: "Profiles",
  lead: "Find one person by any of their identities. What is typed here is in no address and in no log.",
  namespace: "Identity namespace",
  id: "Identity value",
  idHelp: "Exactly as the datasets hold it.",
  find: "Find",
  clear: "Clear",
  found: (n: number) =>
    n === 0 ? "No profile has this identity now" : count(n, "profile has this identity", "profiles have this identity"),
  foundText: "By their primary identities.",
  notFoundText: "What left before the profile was gone is found by its primary identity.",
  where: "Where the data went",
  none: "Nothing left that this profile was in",
  noneText: "Files and messages with the profile are listed here.",
  completeSince: "Complete since",
  never: "No data has left yet",
  segments: "Segments it left with",
  noSegments: "None",
  columns: {
    leftAt: "Left at",
    destination: "Destination",
    segment: "Segment",
    what: "File or messages",
    run: "Run",
    actions: "Marketing actions",
    confirmed: "Confirmed",
    target: "Target",
    record: "Audit record",
  },
  messages: (n: number) => `Messages of number ${n}`,
  toRun: "Show run",
  gone: (name: string) => `${name} (deleted)`,
  unreadable: (n: number) =>
    `Of ${count(n, "file or set of messages", "files or sets of messages")} it cannot be told whether this profile was in it`,
  unreadableText: "What says so is not on this server's disk, or is damaged.",
  more: "Show older ones",
  suppression: {
    title: "Exports",
    lead: "Whoever is kept out is in no export from the next one on, whatever segments and consent say.",
    add: "Keep out of all exports",
    addText: "Any identity of a profile leaves the whole profile out. Only a hash of the identity is kept.",
    reason: "Reason",
    reasonHelp: "For people. Nothing that identifies anybody.",
    added: "Kept out of all exports from now on",
    known: "Was kept out already",
    remove: "Let be exported again",
    removeText:
      "The profile is in the next exports of the segments that it is in, unless another of its identities is kept out.",
    removed: "May be exported again",
    notThere: "This identity was not kept out",
  },
};
