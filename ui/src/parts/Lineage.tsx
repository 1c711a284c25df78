// Where the data of a violation comes from and where it goes: as a picture, or as a list that says the same.

import { SegmentedControl, SegmentedControlItem } from "@react-spectrum/s2";
import { useState } from "react";
import type { Violation } from "../api/dataShapes";
import { violations as words } from "../strings/en/violations";
import { LineageList } from "./LineageList";
import { LineagePicture } from "./LineagePicture";
import { WAYS_MAX } from "./lineage";
import css from "./violations.module.css";

export function Lineage({ violation }: { violation: Violation }) {
  const [view, setView] = useState("picture");
  const undrawn = view === "picture" ? Math.max(0, violation.lineage.length - WAYS_MAX) : 0;
  const left = (violation.lineageLeftOut ?? 0) + undrawn;
  return (
    <div className={css.lineage}>
      <div className={css.lineageHead}>
        <h4>{words.lineage}</h4>
        <SegmentedControl aria-label={words.view} selectedKey={view} onSelectionChange={(key) => setView(String(key))}>
          <SegmentedControlItem id="picture">{words.picture}</SegmentedControlItem>
          <SegmentedControlItem id="list">{words.list}</SegmentedControlItem>
        </SegmentedControl>
      </div>
      {view === "picture" ? <LineagePicture violation={violation} /> : <LineageList violation={violation} />}
      {left > 0 && <p>{words.moreWays(left)}</p>}
    </div>
  );
}
