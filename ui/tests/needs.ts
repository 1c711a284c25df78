// What must be there for the tests to run at all. None of them is left out where it is missing: they fail, and say why.

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { CHROMIUM, PROGRAM } from "./world";

export default function check() {
  if (!existsSync(PROGRAM)) throw new Error(`there is no ${PROGRAM}: build it, or say where it is in OUTFLOW_PROGRAM`);
  try {
    execFileSync(CHROMIUM, ["--version"], { stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    throw new Error(`${CHROMIUM} does not run: install chromium, or say where one is in OUTFLOW_CHROMIUM`, {
      cause: error,
    });
  }
  if (process.env.OUTFLOW_TEST_SSHD === undefined) {
    throw new Error("OUTFLOW_TEST_SSHD does not say where an OpenSSH server is; scripts/console test starts one");
  }
}
