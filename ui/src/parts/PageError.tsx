import { useRouter } from "@tanstack/react-router";
import { paths } from "../paths";
import { t } from "../strings/en";
import { Anchor } from "./Anchor";
import { EmptyState } from "./EmptyState";
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
    <>
      <title>{t.titleOf(t.missing.title)}</title>
      <EmptyState isPage title={t.missing.title} action={<Anchor to={paths.home()}>{t.missing.home}</Anchor>}>
        {t.missing.text}
      </EmptyState>
    </>
  );
}
