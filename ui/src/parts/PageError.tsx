import { useRouter } from "@tanstack/react-router";
import { paths } from "../paths";
import { t } from "../strings/en";
import { Anchor } from "./Anchor";
import { ErrorState } from "./ErrorState";
import css from "./parts.module.css";

export function PageError({ error }: { error: unknown }) {
  const router = useRouter();
  return (
    <div className={css.pageError}>
      <ErrorState error={error} onRetry={() => void router.invalidate()} />
    </div>
  );
}

export function PageMissing() {
  return (
    <main className={css.missing}>
      <title>{t.titleOf(t.missing.title)}</title>
      <h1>{t.missing.title}</h1>
      <p>{t.missing.text}</p>
      <Anchor to={paths.home()}>{t.missing.home}</Anchor>
    </main>
  );
}
