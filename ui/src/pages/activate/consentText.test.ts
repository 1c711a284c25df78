import { expect, test } from "vitest";
import { allowedText } from "./consentText";

test("values that let profiles through are told as alternatives", () => {
  expect(allowedText('a.val in ["y"] and b.val in ["y", "d \\"y\\"]"]')).toBe('a.val is y and b.val is y or d "y"]');
  expect(allowedText("a.val is true")).toBe("a.val is true");
});
