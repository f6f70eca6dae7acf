// Sends to a queue with @azure/service-bus, or reads and writes tables with @azure/data-tables.
// Usage: node act.cjs send|tables CONNECTION_STRING NAME, where the packages are found by NODE_PATH.
"use strict";

const EVENT = { title: "Checkout is down", severity: 2, service: "checkout" };
const TEXT = JSON.stringify(EVENT);

// Each as one way in which people use the client.
const MESSAGES = [
  { messageId: "object", body: EVENT },
  { messageId: "object with a content type", body: EVENT, contentType: "application/json" },
  { messageId: "string", body: TEXT, contentType: "application/json" },
  { messageId: "buffer", body: Buffer.from(TEXT) },
  { messageId: "buffer in UTF-16", body: Buffer.from("\ufeff" + TEXT, "utf16le") },
  { messageId: "bytes", body: new Uint8Array(Buffer.from(TEXT)) },
  { messageId: "buffer in gzip", body: require("node:zlib").gzipSync(TEXT), applicationProperties: { "content-encoding": "gzip" } },
  { messageId: "buffer in an object", body: JSON.parse(JSON.stringify({ held: Buffer.from(TEXT) })).held },
  { messageId: "array", body: [EVENT, EVENT] },
  { messageId: "properties", body: EVENT, subject: "alert", applicationProperties: { at: new Date(0), many: 3, on: true } },
  {
    messageId: "cloudevent",
    body: EVENT,
    contentType: "application/json",
    applicationProperties: {
      "cloudEvents:specversion": "1.0",
      "cloudEvents:id": "1",
      "cloudEvents:source": "/checkout",
      "cloudEvents:type": "com.contoso.alert.fired",
      "cloudEvents:time": new Date(Date.UTC(2026, 2, 2, 9, 15, 4)),
    },
  },
];
const ANNOTATED = [
  { messageId: "a value", bodyType: "value", body: EVENT },
  { messageId: "a value of text", bodyType: "value", body: TEXT },
  { messageId: "a sequence", bodyType: "sequence", body: [EVENT, EVENT] },
  { messageId: "data", bodyType: "data", body: Buffer.from(TEXT) },
];

async function send(connection, queue) {
  const { ServiceBusClient } = require("@azure/service-bus");
  const client = new ServiceBusClient(connection);
  const sender = client.createSender(queue);
  for (const message of MESSAGES) await sender.sendMessages(message);
  for (const { messageId, ...message } of ANNOTATED) await sender.sendMessages({ ...message, properties: { messageId } });
  const batch = await sender.createMessageBatch();
  for (const messageId of ["first of a batch", "second of a batch"]) batch.tryAddMessage({ messageId, body: EVENT });
  await sender.sendMessages(batch);
  await sender.scheduleMessages({ messageId: "scheduled", body: EVENT }, new Date(Date.now() + 500));
  await client.close();
}

async function tables(connection, name) {
  const { TableClient } = require("@azure/data-tables");
  const client = TableClient.fromConnectionString(connection, name, { allowInsecureConnection: true });
  await client.createEntity({ partitionKey: "checkout", rowKey: "1", service: "checkout", name: "Zoë", email: "zoe@contoso.example", oncall: true });
  const found = [];
  for await (const entity of client.listEntities()) found.push({ key: entity.rowKey, service: entity.partitionKey, name: entity.name });
  process.stdout.write(JSON.stringify(found));
}

const [what, connection, name] = process.argv.slice(2);
({ send, tables })[what](connection, name).catch((error) => {
  process.stderr.write(`${error.stack ?? error}\n`);
  process.exit(1);
});
