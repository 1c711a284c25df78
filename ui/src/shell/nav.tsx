// The rooms of the console, as the side navigation lists them. A room is added here when its first page is there.

import Export from "@react-spectrum/s2/icons/ExportTo";
import type { ComponentType } from "react";
import { paths } from "../paths";
import { t } from "../strings/en";

export type Room = { label: string; path: string; Icon: ComponentType };

export const rooms: Room[] = [{ label: t.nav.destinations, path: paths.overview(), Icon: Export }];
