import { defineConfig } from "vitest/config";

// Tests of the built program in a browser; `scripts/console test` runs them.
export default defineConfig({
  test: {
    include: ["tests/**/*.browser.ts"],
    globalSetup: "tests/needs.ts",
    // Each file has a server and targets of its own, so that none depends on what another one did.
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 600_000,
    hookTimeout: 300_000,
    // What is waited for may take long on a busy machine; nothing is said about how long.
    expect: { poll: { timeout: 60_000, interval: 100 } },
  },
});
