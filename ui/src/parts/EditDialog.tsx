// Changes one object in a dialog. Where somebody else was faster it says who and what, and goes on from what they left.

import { Button, ButtonGroup, Content, Dialog, DialogContainer, Heading } from "@react-spectrum/s2";
import { type ReactNode, useState } from "react";
import { isConflict, Problem } from "../api/problem";
import { t } from "../strings/en";
import { ConflictNotice } from "./ConflictNotice";
import css from "./page.module.css";
import { showDone } from "./toast";

type Props<T> = {
  title: string;
  size: "S" | "M";
  opened: T;
  /** Reads the object anew. */
  read: () => Promise<T>;
  /** What differs between two versions of it. */
  changes: (before: T, now: T) => string[];
  /** The form begins anew from this version. */
  onLoad: (now: T) => void;
  onSave: (object: T) => Promise<unknown>;
  /** Said when it is saved. */
  done: string;
  onDone: () => unknown;
  onClose: () => void;
  isDisabled: boolean;
  children: (now: {
    object: T;
    problem?: Problem;
    save: (write?: (object: T) => Promise<unknown>) => void;
  }) => ReactNode;
};

export function EditDialog<T extends { updatedBy: string; updatedAt: number }>(props: Props<T>) {
  const { title, size, opened, read, changes, onLoad, onSave, done, onDone, onClose, isDisabled, children } = props;
  const [object, setObject] = useState(opened);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const [newer, setNewer] = useState<T>();
  const save = async (write = onSave) => {
    setBusy(true);
    setProblem(undefined);
    try {
      await write(object);
      showDone(done);
      await onDone();
      onClose();
    } catch (error) {
      await tell(error);
      setBusy(false);
    }
  };
  const tell = async (error: unknown) => {
    if (!isConflict(error)) return setProblem(Problem.from(error));
    try {
      setNewer(await read());
    } catch (unread) {
      setProblem(Problem.from(unread));
    }
  };
  const load = (now: T) => {
    setObject(now);
    setNewer(undefined);
    onLoad(now);
  };
  return (
    <DialogContainer onDismiss={onClose}>
      <Dialog size={size}>
        <Heading slot="title">{title}</Heading>
        <Content>
          <div className={css.form}>
            {newer && <ConflictNotice now={newer} changes={changes(object, newer)} onLoad={() => load(newer)} />}
            {children({ object, problem, save: (write) => void save(write) })}
          </div>
        </Content>
        <ButtonGroup>
          <Button variant="secondary" onPress={onClose}>
            {t.cancel}
          </Button>
          <Button
            variant="accent"
            isPending={isBusy}
            isDisabled={isDisabled || newer !== undefined}
            onPress={() => void save()}
          >
            {t.save}
          </Button>
        </ButtonGroup>
      </Dialog>
    </DialogContainer>
  );
}
