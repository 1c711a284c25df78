// The frame of the routes; the pages themselves are listed in routes.tsx.

import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, createRoute, createRouter, Outlet, redirect } from "@tanstack/react-router";
import { setSandbox } from "./api/client";
import { isSignedOut } from "./api/problem";
import { sessionQuery } from "./api/session";
import { PageError, PageMissing } from "./parts/PageError";
import { PageLoading } from "./parts/PageLoading";
import { BASE, known, parseSearch, stringifySearch } from "./paths";
import { makePages } from "./routes";
import { Shell } from "./shell/Shell";
import { chosenSandbox } from "./shell/sandbox";

export type Context = { queries: QueryClient };

const root = createRootRouteWithContext<Context>()({ component: Outlet });

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: known("next", "ended"),
}).lazy(() => import("./pages/sign-in/SignInPage").then((page) => page.route));

/** Everything that needs somebody signed in. */
export const signedIn = createRoute({
  getParentRoute: () => root,
  id: "signed-in",
  component: Shell,
  beforeLoad: async ({ context, location }) => {
    try {
      const session = await context.queries.ensureQueryData(sessionQuery);
      setSandbox(chosenSandbox(session));
      return { session };
    } catch (error) {
      if (!isSignedOut(error)) throw error;
      throw redirect({ to: "/sign-in", search: { next: location.href } });
    }
  },
});

const home = createRoute({
  getParentRoute: () => signedIn,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/destinations" });
  },
});

/** What is no page stands in the frame, too. */
const missing = createRoute({ getParentRoute: () => signedIn, path: "$", component: PageMissing });

export function makeRouter(queries: QueryClient) {
  return createRouter({
    routeTree: root.addChildren([signIn, signedIn.addChildren([home, ...makePages(signedIn), missing])]),
    basepath: BASE,
    context: { queries },
    parseSearch,
    stringifySearch,
    defaultPreload: "intent",
    scrollRestoration: false,
    defaultPendingMs: 300,
    defaultPendingComponent: PageLoading,
    defaultErrorComponent: PageError,
    defaultNotFoundComponent: PageMissing,
  });
}
