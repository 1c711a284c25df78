// How far a time lies before or after another: `<= 30 days before`.

import { Picker, PickerItem, TextField } from "@react-spectrum/s2";
import { style } from "@react-spectrum/s2/style" with { type: "macro" };
import { segments as room } from "../../strings/en/segments";
import { type Compare, type Condition, UNITS, type Unit } from "./pql/tree";

const words = room.rule;
const ANY = "any";
const COMPARES: Compare[] = ["<=", "<", ">=", ">", "=", "!="];

export function TimeDistance({ condition, onChange }: { condition: Condition; onChange: (next: Condition) => void }) {
  const { distance, direction } = condition;
  const set = (part: Partial<NonNullable<Condition["distance"]>>) =>
    onChange({ ...condition, distance: { compare: "<=", count: "30", unit: "day", ...distance, ...part } });
  return (
    <>
      <Picker
        aria-label={words.compare}
        size="S"
        styles={style({ width: 120 })}
        selectedKey={distance?.compare ?? ANY}
        onSelectionChange={(key) =>
          key === ANY ? onChange({ ...condition, distance: undefined }) : set({ compare: key as Compare })
        }
      >
        {[ANY, ...COMPARES].map((one) => (
          <PickerItem key={one} id={one}>
            {words.compares[one] ?? one}
          </PickerItem>
        ))}
      </Picker>
      {distance && (
        <>
          <TextField
            aria-label={words.count}
            size="S"
            inputMode="numeric"
            value={distance.count}
            onChange={(count) => set({ count: count.trim() })}
            styles={style({ width: 72 })}
          />
          <Picker
            aria-label={words.unit}
            size="S"
            styles={style({ width: 128 })}
            selectedKey={distance.unit}
            onSelectionChange={(key) => set({ unit: key as Unit })}
          >
            {UNITS.map((unit) => (
              <PickerItem key={unit} id={unit}>
                {words.units[unit]}
              </PickerItem>
            ))}
          </Picker>
        </>
      )}
      <Picker
        aria-label={words.direction}
        size="S"
        styles={style({ width: 104 })}
        selectedKey={direction ?? "before"}
        onSelectionChange={(key) => onChange({ ...condition, direction: key === "after" ? "after" : "before" })}
      >
        <PickerItem id="before">{words.directions.before}</PickerItem>
        <PickerItem id="after">{words.directions.after}</PickerItem>
      </Picker>
    </>
  );
}
