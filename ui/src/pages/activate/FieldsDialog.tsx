// Picks fields to map: by name, with type, labels and an example of each.

import {
  Badge,
  Button,
  ButtonGroup,
  Cell,
  Column,
  Content,
  Dialog,
  DialogContainer,
  Heading,
  Row,
  SearchField,
  Switch,
  TableBody,
  TableHeader,
  TableView,
} from "@react-spectrum/s2";
import { useState } from "react";
import css from "../../parts/wizard.module.css";
import { t } from "../../strings/en";
import { activate as room } from "../../strings/en/activate";
import own from "./activate.module.css";
import type { MapField } from "./fields";

const words = room.fields;

type Props = {
  fields: MapField[];
  /** How many profiles say which fields have data. */
  sampled: number;
  mapped: string[];
  onAdd: (paths: string[]) => void;
  onClose: () => void;
};

export function FieldsDialog({ fields, sampled, mapped, onAdd, onClose }: Props) {
  const [find, setFind] = useState("");
  const [isOnlyWithData, setOnlyWithData] = useState(sampled > 0);
  const [picked, setPicked] = useState<Set<string>>(new Set());
  const shown = fields.filter(
    (field) =>
      (!isOnlyWithData || field.hasData) &&
      `${field.path} ${field.name ?? ""} ${field.labels.join(" ")}`.toLowerCase().includes(find.toLowerCase()),
  );
  const select = (keys: "all" | Set<string | number>) => {
    const visible = new Set(shown.map((field) => field.path));
    const hidden = [...picked].filter((path) => !visible.has(path));
    const chosen = keys === "all" ? [...visible].filter((path) => !mapped.includes(path)) : [...keys].map(String);
    setPicked(new Set([...hidden, ...chosen]));
  };
  return (
    <DialogContainer onDismiss={onClose}>
      <Dialog size="XL">
        <Heading slot="title">{words.title}</Heading>
        <Content>
          <div className={css.dialog}>
            <div className={css.bar}>
              <SearchField aria-label={words.find} placeholder={words.find} value={find} onChange={setFind} autoFocus />
              <Switch isSelected={isOnlyWithData} onChange={setOnlyWithData} isDisabled={sampled === 0}>
                {words.onlyWithData}
              </Switch>
              <span className={css.quiet}>{words.onlyText(sampled)}</span>
            </div>
            <TableView
              aria-label={words.label}
              density="compact"
              selectionMode="multiple"
              selectedKeys={picked}
              disabledKeys={mapped}
              onSelectionChange={select}
              UNSAFE_className={own.picker}
            >
              <TableHeader>
                <Column id="field" isRowHeader minWidth={260}>
                  {words.field}
                </Column>
                <Column id="type" width={120}>
                  {words.type}
                </Column>
                <Column id="labels" width={150}>
                  {words.labels}
                </Column>
                <Column id="example" minWidth={140}>
                  {words.example}
                </Column>
              </TableHeader>
              <TableBody
                items={shown}
                dependencies={[mapped]}
                renderEmptyState={() => <p>{fields.length > 2 ? words.none : words.noneText}</p>}
              >
                {(field) => (
                  <Row id={field.path} textValue={field.path}>
                    <Cell>{field.name ?? field.path}</Cell>
                    <Cell>{mapped.includes(field.path) ? words.mapped : field.type}</Cell>
                    <Cell>
                      <Labels labels={field.labels} />
                    </Cell>
                    <Cell>{field.example}</Cell>
                  </Row>
                )}
              </TableBody>
            </TableView>
          </div>
        </Content>
        <ButtonGroup>
          <Button variant="secondary" onPress={onClose}>
            {t.cancel}
          </Button>
          <Button variant="accent" isDisabled={picked.size === 0} onPress={() => onAdd([...picked])}>
            {words.add(picked.size)}
          </Button>
        </ButtonGroup>
      </Dialog>
    </DialogContainer>
  );
}

/** The data usage labels of a field. */
export function Labels({ labels }: { labels: string[] }) {
  return (
    <span className={own.labels}>
      {labels.map((label) => (
        <Badge key={label} size="S" variant="notice" fillStyle="subtle">
          {label}
        </Badge>
      ))}
    </span>
  );
}
