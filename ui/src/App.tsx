import { Provider } from "@react-spectrum/s2";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { makeQueryClient } from "./api/queries";
import { BASE, paths } from "./paths";
import { makeRouter } from "./router";
import { useTheme } from "./shell/theme";

const ToastContainer = lazy(() => import("./parts/Toasts"));

/** The parts that live as long as the page: router and cache know each other, since a lost session ends every page. */
function makeParts() {
  const queries = makeQueryClient(() => {
    const { pathname, searchStr } = router.state.location;
    if (pathname === paths.signIn()) return;
    queries.clear();
    void router.navigate({ href: BASE + paths.signIn(pathname + searchStr) });
  });
  const router = makeRouter(queries);
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
