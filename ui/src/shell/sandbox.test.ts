import { expect, test } from "vitest";
import { choose } from "./sandbox";

test("the sandbox that was chosen, while it may be used", () => {
  expect(choose(["dev", "prod"], null)).toBe("prod");
  expect(choose(["dev", "prod"], "dev")).toBe("dev");
  expect(choose(["dev"], "prod")).toBe("dev");
  expect(choose(["*"], null)).toBe("prod");
  expect(choose(["*"], "lab")).toBe("lab");
});
