import type { Spec } from "../../api/shapes";
import { PlatformIcon } from "../../parts/PlatformIcon";
import { NONE } from "../../parts/values";
import own from "./destinations.module.css";

/** A kind of destination in a table's cell. */
export function Platform({ spec }: { spec: Spec | undefined }) {
  return (
    <span className={own.platform}>
      <PlatformIcon spec={spec} />
      <span title={spec?.name}>{spec?.name ?? NONE}</span>
    </span>
  );
}
