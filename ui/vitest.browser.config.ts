import { defineConfig } from "vitest/config";

// Tests of the built program in a browser; `scripts/console test` runs them.
export default defineConfig({
  test: {
    include: ["tests/**/*.browser.ts"],
    globalSetup: "tests/world.ts",
    // One server and its objects for all: what one test changes the next one sees.
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 120_000,
  },
});
