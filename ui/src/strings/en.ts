// The words that all rooms share. Those of a room are in `en/ROOM.ts`, imported by its own components, so that they are
// loaded with its pages. Components take words from these files and from nowhere else.

export { common as t } from "./en/common";
