// The rooms of the console, as the side navigation lists them. A room is added here when its first page is there.

import Data from "@react-spectrum/s2/icons/Data";
import Export from "@react-spectrum/s2/icons/ExportTo";
import History from "@react-spectrum/s2/icons/History";
import Lock from "@react-spectrum/s2/icons/Lock";
import Settings from "@react-spectrum/s2/icons/Settings";
import UserSearch from "@react-spectrum/s2/icons/User";
import UserGroup from "@react-spectrum/s2/icons/UserGroup";
import type { ComponentType } from "react";
import { paths } from "../paths";
import { t } from "../strings/en";

export type Room = { label: string; path: string; Icon: ComponentType };

export const rooms: Room[] = [
  { label: t.nav.destinations, path: paths.overview(), Icon: Export },
  { label: t.nav.datasets, path: paths.datasets(), Icon: Data },
  { label: t.nav.segments, path: paths.segments(), Icon: UserGroup },
  { label: t.nav.profiles, path: paths.profiles(), Icon: UserSearch },
  { label: t.nav.policies, path: paths.policies(), Icon: Lock },
  { label: t.nav.audit, path: paths.audit(), Icon: History },
  { label: t.nav.settings, path: paths.settings(), Icon: Settings },
];
