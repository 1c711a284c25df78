// Every word that the console shows, by room. Components take them from here and from nowhere else.

import { activate } from "./en/activate";
import { common } from "./en/common";
import { configure } from "./en/configure";
import { destinations } from "./en/destinations";
import { runs } from "./en/runs";
import { wizard } from "./en/wizard";

export const t = { ...common, activate, configure, destinations, runs, wizard };
