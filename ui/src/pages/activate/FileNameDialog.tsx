// What files are called, of one segment or of several, with the name as it comes out.

import {
  Button,
  ButtonGroup,
  Checkbox,
  Content,
  Dialog,
  DialogContainer,
  Heading,
  InlineAlert,
  TextField,
} from "@react-spectrum/s2";
import { style } from "@react-spectrum/s2/style" with { type: "macro" };
import { useState } from "react";
import {
  DEFAULT_TEMPLATE,
  fileName,
  hasMacro,
  isDated,
  MACROS,
  NAME_BYTES_MAX,
  type NameFacts,
  nameBytes,
  nameProblems,
  renderName,
  toggleMacro,
} from "../../parts/fileName";
import css from "../../parts/wizard.module.css";
import { t } from "../../strings/en";
import { activate as room } from "../../strings/en/activate";
import own from "./activate.module.css";

const words = room.names;
const full = style({ width: "full" });

type Props = {
  what: string;
  start: string;
  facts: NameFacts;
  extension: string;
  onApply: (template: string) => void;
  onClose: () => void;
};

export function FileNameDialog({ what, start, facts, extension, onApply, onClose }: Props) {
  const [template, setTemplate] = useState(start);
  const name = renderName(template, facts);
  const problems = nameProblems(template, name, extension);
  return (
    <DialogContainer onDismiss={onClose}>
      <Dialog size="M">
        <Heading slot="title">{words.title(what)}</Heading>
        <Content>
          <div className={css.dialog}>
            <fieldset className={own.parts}>
              <legend>{words.parts}</legend>
              {MACROS.map((macro) => (
                <Checkbox
                  key={macro.id}
                  isSelected={hasMacro(template, macro)}
                  isDisabled={macro.isMandatory && hasMacro(template, macro)}
                  onChange={() => setTemplate(toggleMacro(template, macro))}
                >
                  {words.macros[macro.id]}
                  {macro.isMandatory ? ` (${words.mandatory})` : ""}
                </Checkbox>
              ))}
            </fieldset>
            <TextField
              label={words.template}
              description={words.templateHelp}
              value={template}
              onChange={setTemplate}
              isInvalid={problems.length > 0}
              errorMessage={problems.map((problem) => words.problems[problem]).join(" ")}
              styles={full}
            />
            <section className={css.panel} aria-label={words.preview} aria-live="polite">
              <h3>{words.preview}</h3>
              <code className={css.names}>{fileName(name, extension)}</code>
              <p className={css.quiet}>
                {words.bytes(nameBytes(name, extension), NAME_BYTES_MAX)}.{" "}
                {words.split(fileName(`${name}_2`, extension))}
              </p>
            </section>
            {!isDated(template) && (
              <InlineAlert variant="notice">
                <Heading>{words.static}</Heading>
              </InlineAlert>
            )}
          </div>
        </Content>
        <ButtonGroup>
          <Button variant="secondary" fillStyle="outline" onPress={() => setTemplate(DEFAULT_TEMPLATE)}>
            {words.usual}
          </Button>
          <Button variant="secondary" onPress={onClose}>
            {t.cancel}
          </Button>
          <Button variant="accent" isDisabled={problems.length > 0} onPress={() => onApply(template)}>
            {room.schedule.apply}
          </Button>
        </ButtonGroup>
      </Dialog>
    </DialogContainer>
  );
}
