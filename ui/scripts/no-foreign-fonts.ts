// A Vite plugin: React Spectrum's Provider asks Adobe's servers for fonts. A console must ask nobody but its own server,
// so the module that does it and its style sheet are replaced by nothing. base.css names the system's fonts instead.

import type { Plugin } from "vite";

const NOTHING = "\0no-foreign-fonts.js";
const NO_STYLES = "\0no-foreign-fonts.css";

export function noForeignFonts(): Plugin {
  return {
    name: "no-foreign-fonts",
    enforce: "pre",
    resolveId(source: string, importer?: string) {
      if (!importer?.includes("@react-spectrum/s2")) return null;
      if (/\/Fonts\.(mjs|cjs|tsx)$/.test(source)) return NOTHING;
      if (/\/font-faces(_css\.(mjs|cjs)|\.css)$/.test(source)) return source.endsWith(".css") ? NO_STYLES : NOTHING;
      return null;
    },
    load(id: string) {
      if (id === NOTHING) return "export function Fonts() { return null; }\nexport default {};";
      if (id === NO_STYLES) return "";
      return null;
    },
  };
}
