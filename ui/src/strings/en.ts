// Every word that the console shows, by room. Components take them from here and from nowhere else.

import { common } from "./en/common";
import { destinations } from "./en/destinations";
import { runs } from "./en/runs";

export const t = { ...common, destinations, runs };
