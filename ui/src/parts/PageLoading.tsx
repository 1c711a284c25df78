import { t } from "../strings/en";
import css from "./parts.module.css";

/** What stands while a page or a part of it is fetched: the shape of lines to come. */
export function PageLoading({ lines = 6 }: { lines?: number }) {
  return (
    <div className={css.loading} role="status" aria-label={t.loading}>
      {Array.from({ length: lines }, (_, line) => line).map((line) => (
        <span key={line} />
      ))}
    </div>
  );
}
