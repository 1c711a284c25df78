import { type ReactNode, useEffect, useRef } from "react";

/** Shows what has just come up, where it would be below what is seen. Another `of` brings it into view again. */
export function IntoView({ of, children }: { of: unknown; children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `of` is when it happens
  useEffect(() => {
    box.current?.scrollIntoView({ block: "nearest" });
  }, [of]);
  return (
    <div ref={box} style={{ display: "grid" }}>
      {children}
    </div>
  );
}
