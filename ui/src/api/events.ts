// Server-sent events by fetch: EventSource cannot name the sandbox.

import { headersOf, refusalOf } from "./client";

export type ServerEvent = { event: string; data: string };

/** Takes text as it comes and gives the events that are whole. */
export class EventParser {
  private rest = "";

  take(text: string): ServerEvent[] {
    const blocks = (this.rest + text.replaceAll("\r\n", "\n")).split("\n\n");
    this.rest = blocks.pop() ?? "";
    return blocks.map(eventOf).filter((event) => event.data !== "");
  }
}

function eventOf(block: string): ServerEvent {
  let event = "message";
  const data: string[] = [];
  for (const line of block.split("\n")) {
    if (line.startsWith("event:")) event = line.slice(6).trim();
    else if (line.startsWith("data:")) data.push(line.slice(5).replace(/^ /, ""));
  }
  return { event, data: data.join("\n") };
}

/** The events of an address until it ends or the signal says so. */
export async function* events(path: string, signal: AbortSignal): AsyncGenerator<ServerEvent> {
  const request = {
    signal,
    credentials: "same-origin",
    headers: { ...headersOf(), accept: "text/event-stream" },
  } as const;
  const response = await fetch(path, request);
  if (!response.ok) throw await refusalOf(response);
  yield* eventsOf(response);
}

/** The events of an answer that is a stream of them. */
export async function* eventsOf(response: Response): AsyncGenerator<ServerEvent> {
  if (!response.body) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const parser = new EventParser();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield* parser.take(value);
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
