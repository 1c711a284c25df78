// Words of the question whether a server's key is the right one.

export const hostKey = {
  title: "Is this your server?",
  text: "Outflow does not know this server's key yet. Compare the fingerprint with the one that the server's administrator gives you. Approve it only if they are the same: otherwise somebody may stand in between.",
  changedTitle: "The server's key has changed",
  changedText:
    "It is not the key that was approved. Ask the server's administrator whether the key was changed, and compare the fingerprint. Approve it only if they are the same: otherwise somebody may stand in between.",
  fingerprint: "Fingerprint",
  approved: "Approved before",
  key: "Key",
  approve: "Approve key and connect",
  refuse: "Not my server",
};
