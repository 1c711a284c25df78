// Microsoft's SDK for JavaScript (@azure/event-hubs). Each function is one case; what it returns is what it saw.
const { EventHubConsumerClient, EventHubProducerClient } = require("@azure/event-hubs");

const { EVENT_HUBS_ROOT: ROOT, EVENT_HUBS_SEND: SEND, EVENT_HUBS_LISTEN: LISTEN } = process.env;
const HUB = "exports";
const options = { retryOptions: { maxRetries: 0, timeoutInMs: 10000, retryDelayInMs: 100 } };

async function seen(act) {
  try {
    await act();
    return "OK";
  } catch (error) {
    return [error.code ?? error.name, error.message];
  }
}

async function withProducer(act, connection = ROOT, hub = HUB) {
  const client = new EventHubProducerClient(connection, hub, options);
  try {
    return await act(client);
  } finally {
    await client.close();
  }
}

async function sendOne(connection = ROOT, hub = HUB) {
  return seen(() => withProducer((client) => client.sendBatch([{ body: "one" }]), connection, hub));
}

async function read(count, partition, startPosition, connection = ROOT, hub = HUB) {
  const client = new EventHubConsumerClient("$Default", connection, hub, options);
  const found = [];
  try {
    return await new Promise((resolve, reject) => {
      const timer = setTimeout(() => resolve(found), 20000);
      const handlers = {
        async processEvents(events, context) {
          for (const event of events) found.push([context.partitionId, event]);
          if (found.length >= count) {
            clearTimeout(timer);
            resolve(found);
          }
        },
        async processError(error) {
          clearTimeout(timer);
          reject(error);
        },
      };
      if (partition === undefined) client.subscribe(handlers, { startPosition });
      else client.subscribe(partition, handlers, { startPosition });
    });
  } finally {
    await client.close();
  }
}

const cases = {
  async properties() {
    return withProducer(async (client) => {
      const hub = await client.getEventHubProperties();
      const empty = await client.getPartitionProperties("3");
      await client.sendBatch([{ body: "a" }, { body: "b" }], { partitionId: "3" });
      const after = await client.getPartitionProperties("3");
      const missing = await withProducer((other) => seen(() => other.getEventHubProperties()), ROOT, "missing");
      return {
        name: hub.name, ids: hub.partitionIds, recent: Math.abs(Date.now() - hub.createdOn) < 600000,
        empty: [empty.isEmpty, empty.lastEnqueuedSequenceNumber], after: [after.isEmpty, after.lastEnqueuedSequenceNumber], missing,
      };
    });
  },

  async send_and_read() {
    await withProducer(async (client) => {
      await client.sendBatch([{ body: { a: [1, "ü"] }, properties: { text: "t", number: 7 }, contentType: "application/json", messageId: "m1" }], { partitionId: "0" });
      const batch = await client.createBatch({ partitionKey: "some key" });
      for (let n = 0; n < 20; n++) batch.tryAdd({ body: `k${n}` });
      await client.sendBatch(batch);
      for (let n = 0; n < 8; n++) await client.sendBatch([{ body: `r${n}` }]);
    });
    const events = await read(29, undefined, { offset: "-1" });
    const mine = events.find(([, event]) => event.messageId === "m1")[1];
    const keyed = events.filter(([, event]) => String(event.body).startsWith("k"));
    const rounds = events.filter(([, event]) => String(event.body).startsWith("r"));
    const middle = keyed[9][1];
    const after = await read(10, keyed[0][0], { sequenceNumber: middle.sequenceNumber });
    const latest = read(1, "2", { offset: "@latest" });
    let waiting = true;
    latest.finally(() => (waiting = false));
    await withProducer(async (client) => {
      for (let n = 0; n < 100 && waiting; n++) {
        await client.sendBatch([{ body: "after" }], { partitionId: "2" });
        await new Promise((done) => setTimeout(done, 200));
      }
    });
    return {
      count: events.length, body: mine.body, properties: mine.properties, contentType: mine.contentType,
      keyPartitions: new Set(keyed.map(([partition]) => partition)).size, keys: [...new Set(keyed.map(([, event]) => event.partitionKey))],
      keyOrder: keyed.map(([, event]) => event.body), rounds: rounds.map(([partition]) => partition).sort(),
      after: after[0][1].body, latest: (await latest)[0][1].body,
    };
  },

  async large() {
    const body = "x".repeat(300000);
    let count = 0;
    await withProducer(async (client) => {
      const batch = await client.createBatch({ partitionId: "0" });
      while (batch.tryAdd({ body })) count++;
      await client.sendBatch(batch);
    });
    const events = await read(count, "0", { offset: "-1" });
    return { count, same: events.map(([, event]) => event.body === body) };
  },

  async rights() {
    return {
      root: await sendOne(), send: await sendOne(SEND), listen: await sendOne(LISTEN),
      wrongKey: await sendOne(ROOT.replace("SharedAccessKey=", "SharedAccessKey=x")), missingHub: await sendOne(ROOT, "missing"),
      readListen: (await read(1, undefined, { offset: "-1" }, LISTEN)).length > 0, readSend: await seen(() => read(1, "0", { offset: "-1" }, SEND)),
    };
  },

  send_once: () => sendOne(),
};

cases[process.argv[2]]().then((saw) => {
  console.log(JSON.stringify(saw));
  process.exit(0);
});
