// Every word that the console shows, by room. Components take them from here and from nowhere else.

import { audit } from "./en/audit";
import { common } from "./en/common";
import { datasets } from "./en/datasets";
import { destinations } from "./en/destinations";
import { policies } from "./en/policies";
import { profiles } from "./en/profiles";
import { runs } from "./en/runs";
import { segments } from "./en/segments";
import { settings } from "./en/settings";
import { violations } from "./en/violations";

export const t = {
  ...common,
  destinations,
  runs,
  datasets,
  segments,
  profiles,
  policies,
  audit,
  settings,
  violations,
};
