// What a consent policy asks of profiles, as a person would say it.

import { activate as room } from "../../strings/en/activate";

/** `consents.marketing.email.val in ["y", "dy"]`, as the API says it, is `consents.marketing.email.val is y or dy`. */
export function allowedText(rule: string): string {
  return rule.replaceAll(/ in (\[(?:"(?:[^"\\]|\\.)*"(?:, )?)+\])/g, (_all, list: string) =>
    room.consent.isOneOf(JSON.parse(list) as string[]),
  );
}
