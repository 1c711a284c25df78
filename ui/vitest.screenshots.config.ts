import { defineConfig, mergeConfig } from "vitest/config";
import tests from "./vitest.browser.config.ts";

// Pictures of the pages for the documentation; `scripts/console screenshots` takes them.
const config = mergeConfig(tests, defineConfig({ test: { testTimeout: 600_000 } }));
export default { ...config, test: { ...config.test, include: ["tests/screenshots.ts"] } };
