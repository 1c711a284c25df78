// Signing in: with a client's credentials, or with a link that the server's own machine printed.

import { Button, Content, Form, Heading, InlineAlert, TextField } from "@react-spectrum/s2";
import { style } from "@react-spectrum/s2/style" with { type: "macro" };
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { createLazyRoute, useRouter } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { type Credentials, signIn } from "../../api/session";
import { CopyBlock } from "../../parts/CopyBlock";
import { ErrorState } from "../../parts/ErrorState";
import { useSearch } from "../../parts/useSearch";
import { BASE, safeNext } from "../../paths";
import { t } from "../../strings/en";
import css from "./sign-in.module.css";

const LINK_COMMAND = "outflow login-link --data-dir DIR";

/** Takes the one-time link out of the address, so that it stays in neither the history nor a bookmark. */
function takeLink(): string | undefined {
  const link = new URLSearchParams(window.location.hash.slice(1)).get("link") ?? undefined;
  if (link !== undefined)
    window.history.replaceState(window.history.state, "", window.location.pathname + window.location.search);
  return link;
}

// A link works once, and effects run twice in development: it is taken when the module is loaded, and spent then.
let link = takeLink();

function SignInPage() {
  const router = useRouter();
  const queries = useQueryClient();
  const [search] = useSearch<"next" | "ended">();
  const [clientId, setClientId] = useState("");
  const [clientSecret, setClientSecret] = useState("");
  const { mutate, isPending, error, variables } = useMutation({
    mutationFn: (credentials: Credentials) => signIn(credentials),
    onSuccess: async () => {
      queries.clear();
      await router.navigate({ href: BASE + safeNext(search.next), replace: true });
    },
  });
  useEffect(() => {
    if (link === undefined) return;
    const spent = link;
    link = undefined;
    mutate({ link: spent });
  }, [mutate]);

  const isByLink = variables !== undefined && "link" in variables;
  return (
    <main className={css.page}>
      <title>{t.titleOf(t.signIn.submit)}</title>
      <div className={css.card}>
        <img src={`${BASE}/favicon.svg`} alt="" width={40} height={40} />
        <h1>{t.signIn.title}</h1>
        {isPending && isByLink ? (
          <p role="status">{t.signIn.byLink}</p>
        ) : (
          <>
            {search.ended && !error && (
              <InlineAlert variant="notice">
                <Heading level={2}>{t.signIn.ended}</Heading>
                <Content>{t.signIn.endedText}</Content>
              </InlineAlert>
            )}
            <p>{t.signIn.lead}</p>
            {error && <ErrorState error={error} wanted={t.signIn.submit} />}
            {error && isByLink && <p>{t.signIn.linkUsed}</p>}
            <Form
              onSubmit={(event) => {
                event.preventDefault();
                mutate({ clientId, clientSecret });
              }}
            >
              <TextField
                label={t.signIn.clientId}
                name="clientId"
                autoComplete="username"
                isRequired
                value={clientId}
                onChange={setClientId}
                styles={style({ width: "full" })}
              />
              <TextField
                label={t.signIn.clientSecret}
                name="clientSecret"
                type="password"
                autoComplete="current-password"
                isRequired
                value={clientSecret}
                onChange={setClientSecret}
                styles={style({ width: "full" })}
              />
              <Button type="submit" variant="accent" isPending={isPending}>
                {t.signIn.submit}
              </Button>
            </Form>
            <div className={css.help}>
              <p>{t.signIn.linkHelp}</p>
              <CopyBlock isBlock text={LINK_COMMAND} label={t.signIn.linkCommand} />
            </div>
          </>
        )}
      </div>
    </main>
  );
}

export const route = createLazyRoute("/sign-in")({ component: SignInPage });
