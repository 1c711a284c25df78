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
    rollupOptions: {
      output: {
        // All styles of React Spectrum in one file: in several, their order would depend on which page came first.
        manualChunks(id: string) {
          if (/macro-(.*)\.css$/.test(id) || /@react-spectrum\/s2\/.*\.css$/.test(id)) return "s2-styles";
          return undefined;
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
