// The frame of a wizard: title, steps, the step that is on, and the buttons below. Each step is an address.

import { type ReactNode, useEffect, useRef } from "react";
import { PageHead } from "./PageHead";
import { type Step, Stepper } from "./Stepper";
import css from "./wizard.module.css";

type Props = {
  title: string;
  trail?: ReactNode;
  stepsLabel: string;
  steps: Step[];
  current: string;
  /** What stands beside the step, where there is room; below it otherwise. */
  aside?: ReactNode;
  /** Buttons at the left, and those that go on at the right. */
  start?: ReactNode;
  end?: ReactNode;
  children: ReactNode;
};

export function Wizard({ title, trail, stepsLabel, steps, current, aside, start, end, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  const shown = useRef(current);
  useEffect(() => {
    // Who goes on to another step, hears and sees where that begins; a page that was just opened is left alone.
    if (shown.current === current) return;
    shown.current = current;
    heading.current?.focus();
    heading.current?.scrollIntoView({ block: "nearest" });
  }, [current]);
  return (
    <div className={css.wizard}>
      <div className={css.head}>
        <PageHead title={title} trail={trail} />
        <Stepper label={stepsLabel} steps={steps} current={current} />
      </div>
      <div className={css.body}>
        <section className={css.step} aria-labelledby="wizard-step">
          <h2 id="wizard-step" ref={heading} tabIndex={-1}>
            {steps.find((step) => step.id === current)?.label}
          </h2>
          {children}
        </section>
        {aside && <aside className={css.aside}>{aside}</aside>}
      </div>
      <footer className={css.foot}>
        <span className={css.buttons}>{start}</span>
        <span className={css.buttons}>{end}</span>
      </footer>
    </div>
  );
}
