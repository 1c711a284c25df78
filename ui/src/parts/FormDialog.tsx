// A form in a dialog: it stays open with the reason where it is refused. Fields show their own problems; a change that
// would make destinations violate policies is shown with those, and can be saved with the destinations paused.

import {
  Button,
  ButtonGroup,
  Content,
  Dialog,
  DialogContainer,
  Footer,
  Heading,
  InlineAlert,
} from "@react-spectrum/s2";
import { type ReactNode, useState } from "react";
import type { OnViolation } from "../api/datasets";
import { isConflict, Problem } from "../api/problem";
import { t } from "../strings/en";
import { violations as words } from "../strings/en/violations";
import { ErrorState } from "./ErrorState";
import css from "./parts.module.css";
import { tellPaused } from "./useGuarded";
import { flowsOf, ViolationList, violationsOf } from "./Violations";

type Props = {
  title: string;
  submitLabel: string;
  size?: "S" | "M" | "L" | "XL";
  isDisabled?: boolean;
  /** Beside the buttons, such as why it cannot be submitted yet. */
  note?: string;
  onSubmit: (onViolation: OnViolation) => Promise<unknown>;
  onClose: () => void;
  /** Reads the object anew after somebody else changed it; what was typed is lost. */
  onReload?: () => unknown;
  children: (problem: Problem | undefined) => ReactNode;
};

export function FormDialog(props: Props) {
  const { title, submitLabel, size = "M", isDisabled, note, onSubmit, onClose, onReload, children } = props;
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const found = violationsOf(problem);
  const submit = async (onViolation: OnViolation) => {
    setBusy(true);
    try {
      tellPaused(await onSubmit(onViolation));
      onClose();
    } catch (error) {
      setProblem(Problem.from(error));
      setBusy(false);
    }
  };
  const isStale = isConflict(problem) && onReload !== undefined;
  return (
    <DialogContainer onDismiss={onClose}>
      <Dialog size={size}>
        <Heading slot="title">{title}</Heading>
        <Content>
          <form
            className={css.form}
            autoComplete="off"
            onSubmit={(event) => {
              event.preventDefault();
              if (!isDisabled && !isBusy && !isStale) void submit(undefined);
            }}
          >
            {children(problem)}
            {isStale ? (
              <InlineAlert variant="notice">
                <Heading>{t.problem.conflict}</Heading>
                <Content>
                  <Button
                    variant="secondary"
                    size="S"
                    onPress={() => {
                      setProblem(undefined);
                      void onReload();
                    }}
                  >
                    {t.problem.loadAnew}
                  </Button>
                </Content>
              </InlineAlert>
            ) : found ? (
              <div className={css.dialogBody}>
                <p>{words.lead}</p>
                <ViolationList {...found} />
              </div>
            ) : (
              problem && <ErrorState error={problem} wanted={submitLabel} />
            )}
            {/* Return submits from any field. */}
            <button type="submit" hidden />
          </form>
        </Content>
        {note && (
          <Footer>
            <span className={css.note} role="status">
              {note}
            </span>
          </Footer>
        )}
        <ButtonGroup>
          <Button variant="secondary" onPress={onClose}>
            {t.cancel}
          </Button>
          <Button
            variant="accent"
            isPending={isBusy}
            isDisabled={isDisabled || isStale}
            onPress={() => void submit(found ? "pause" : undefined)}
          >
            {found ? words.pause(flowsOf(found.violations).length) : submitLabel}
          </Button>
        </ButtonGroup>
      </Dialog>
    </DialogContainer>
  );
}
