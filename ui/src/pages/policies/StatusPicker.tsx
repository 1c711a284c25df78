import { Picker, PickerItem } from "@react-spectrum/s2";
import type { PolicyStatus } from "../../api/dataShapes";
import { policies as words } from "../../strings/en/policies";

export function StatusPicker({ value, onChange }: { value: PolicyStatus; onChange: (status: PolicyStatus) => void }) {
  return (
    <Picker label={words.status} selectedKey={value} onSelectionChange={(key) => onChange(key as PolicyStatus)}>
      {(["DRAFT", "ENABLED", "DISABLED"] as const).map((status) => (
        <PickerItem key={status} id={status}>
          {words.statuses[status]}
        </PickerItem>
      ))}
    </Picker>
  );
}
