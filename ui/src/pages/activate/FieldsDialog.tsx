// Picks fields to map: by name, with type, labels and an example of each.

import {
  Button,
  ButtonGroup,
  Cell,
  Column,
  Content,
  Dialog,
  DialogContainer,
  Footer,
  Heading,
  Row,
  SearchField,
  Switch,
  TableBody,
  TableHeader,
  TableView,
} from "@react-spectrum/s2";
import { useState } from "react";
import { formatShare } from "../../parts/format";
import { LabelChips } from "../../parts/LabelChips";
import { NONE } from "../../parts/values";
import css from "../../parts/wizard.module.css";
import { t } from "../../strings/en";
import { activate as room } from "../../strings/en/activate";
import own from "./activate.module.css";
import type { Known, MapField } from "./fields";

const words = room.fields;

type Props = {
  fields: MapField[];
  known: Known;
  mapped: string[];
  onAdd: (paths: string[]) => void;
  onClose: () => void;
};

export function FieldsDialog({ fields, known, mapped, onAdd, onClose }: Props) {
  const [find, setFind] = useState("");
  const [isOnlyWithData, setOnlyWithData] = useState(known.profiles > 0);
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
              <Switch isSelected={isOnlyWithData} onChange={setOnlyWithData} isDisabled={known.profiles === 0}>
                {words.onlyWithData}
              </Switch>
              <span className={css.quiet}>
                {known.isSample ? words.onlySample(known.profiles) : words.onlyAll(known.profiles)}
              </span>
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
                <Column id="filled" width={90} align="end">
                  {words.filled}
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
                    <Cell align="end">{field.share === undefined ? NONE : formatShare(field.share)}</Cell>
                    <Cell>
                      <LabelChips labels={field.labels.map((name) => ({ name }))} />
                    </Cell>
                    <Cell>{field.example}</Cell>
                  </Row>
                )}
              </TableBody>
            </TableView>
          </div>
        </Content>
        {picked.size === 0 && (
          <Footer>
            <span role="status">{words.nonePicked}</span>
          </Footer>
        )}
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
