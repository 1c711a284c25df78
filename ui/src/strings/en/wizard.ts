// Words that both wizards share.

export const wizard = {
  steps: "Steps",
  back: "Back",
  next: "Next",
  leaveTitle: "Leave without finishing?",
  leaveText: "What you entered is not saved at the server yet. A draft stays in this browser tab until you discard it.",
  stay: "Stay",
  keep: "Leave, keep draft",
  discard: "Discard draft",
  draft: "You are going on with a draft.",
  anew: "Begin anew",
  closeDraft: "Hide this note",
  missing: (names: string) => `Still missing: ${names}`,
};
