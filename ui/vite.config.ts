import optimizeLocales from "@react-aria/optimize-locales-plugin";
import react from "@vitejs/plugin-react";
import macros from "unplugin-parcel-macros";
import { defineConfig } from "vite";
import { noForeignFonts } from "./scripts/no-foreign-fonts.ts";

// Where `npm run dev` finds a server. Signing in works through the proxy, since host and origin stay the same.
const server = process.env.OUTFLOW_SERVER ?? "http://127.0.0.1:8787";

export default defineConfig({
  base: "/console/",
  plugins: [
    noForeignFonts(),
    // Before react(): the macros must see the import attributes.
    macros.vite(),
    react(),
    { ...optimizeLocales.vite({ locales: ["en-US"] }), enforce: "pre" },
  ],
  build: {
    target: "es2023",
    cssTarget: ["chrome123", "firefox121", "safari17.5"],
    cssMinify: "lightningcss",
    manifest: true,
    // How much a visit may load is what scripts/budget.mjs counts.
    chunkSizeWarningLimit: 1_000,
    rolldownOptions: {
      output: {
        codeSplitting: {
          includeDependenciesRecursively: false,
          groups: [
            // All styles of React Spectrum in one file: in several, their order would depend on which page came first.
            { name: "s2-styles", test: /macro-(.*)\.css$|@react-spectrum\/s2\/.*\.css$/, priority: 2 },
            // What every page needs in one file: the same in a dozen is larger and slower.
            { name: "start", tags: ["$initial"], priority: 1 },
          ],
        },
      },
    },
  },
  server: {
    proxy: Object.fromEntries(
      ["/data", "/ims", "/console/session", "/openapi.json", "/healthz", "/readyz"].map((path) => [path, server]),
    ),
  },
});
