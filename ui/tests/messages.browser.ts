import { expect, test } from "vitest";
import { ask, barriers, withPage } from "./browser";
import { messagesIn, rowsOf } from "./far-end";
import { hands } from "./wizard";
import { editAndDelete, setUp } from "./workflow";

const page = withPage();
const { step, next } = hands(page);

test.each([
  ["Amazon Kinesis", "kinesis"],
  ["Azure Event Hubs", "event-hubs"],
] as const)("%s: from signing in to what the messages say, and to deleting it", async (name, target) => {
  const flow = await setUp(page, name, triggers);
  const { params } = flow.transformations[0];
  expect(params.streaming.triggers).toEqual({ segmentation: true, attributes: true, identities: false });

  // It begins by itself, with a message about everybody who is in a segment.
  await page()
    .getByRole("link", { name: `${name} by browser` })
    .first()
    .click();
  await page().getByText("Idle: everything is told").waitFor();
  const runs = (await ask("GET", `/runs?property=flowId==${flow.id}`)).items;
  const messages = messagesIn(
    target,
    runs.map((run: { id: string }) => run.id),
  );
  for (const { value } of params.segmentSelectors.selectors) {
    const realized = messages.filter((one) => one.segmentMembership.ups[value.id]?.status === "realized");
    const told = realized
      .map((one) => `${one.profileId.replace(/^CRMID:/, "")},${one.homeAddress?.country ?? ""}`)
      .sort();
    expect(told).toEqual(rowsOf(value.name, ["profileId", "homeAddress.country"]));
  }
  await editAndDelete(page, flow);
});

async function triggers() {
  await step("Triggers");
  await page().getByText("Identities change").click();
  expect(await barriers()).toEqual([]);
  await next();
}
