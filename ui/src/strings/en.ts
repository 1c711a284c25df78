// Every word that the console shows, by room. Components take them from here and from nowhere else.

import { activate } from "./en/activate";
import { audit } from "./en/audit";
import { common } from "./en/common";
import { configure } from "./en/configure";
import { datasets } from "./en/datasets";
import { destinations } from "./en/destinations";
import { policies } from "./en/policies";
import { profiles } from "./en/profiles";
import { runs } from "./en/runs";
import { segments } from "./en/segments";
import { settings } from "./en/settings";
import { violations } from "./en/violations";
import { wizard } from "./en/wizard";

export const t = {
  ...common,
  configure,
  activate,
  wizard,
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
