import { Provider } from "@react-spectrum/s2";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { whenSignedOut } from "./api/client";
import { makeQueryClient } from "./api/queries";
import { BASE, paths } from "./paths";
import { makeRouter } from "./router";
import { useTheme } from "./shell/theme";

const ToastContainer = lazy(() => import("./parts/Toasts"));

/** The parts that live as long as the page: a lost session ends every page, and empties the cache. */
function makeParts() {
  const queries = makeQueryClient();
  const router = makeRouter(queries);
  let isLeaving = false;
  const leave = async () => {
    const { pathname, searchStr } = router.state.location;
    if (isLeaving || pathname === paths.signIn()) return;
    isLeaving = true;
    try {
      // A draft is kept, and nobody need be asked. The cache goes last: pages that still stand would miss who is signed in.
      await router.navigate({ href: BASE + paths.signIn(pathname + searchStr, true), ignoreBlocker: true });
      queries.clear();
    } finally {
      isLeaving = false;
    }
  };
  whenSignedOut(() => void leave());
  return { queries, router };
}

export function App() {
  const [{ queries, router }] = useState(makeParts);
  const { scheme } = useTheme();
  const spectrumRouter = {
    navigate: (path: string) => void router.navigate({ href: BASE + path }),
    useHref: (path: string) => BASE + path,
  };
  return (
    <QueryClientProvider client={queries}>
      <Provider locale="en-US" router={spectrumRouter} {...(scheme && { colorScheme: scheme })}>
        <RouterProvider router={router} />
        <Suspense>
          <ToastContainer placement="bottom end" />
        </Suspense>
      </Provider>
    </QueryClientProvider>
  );
}
