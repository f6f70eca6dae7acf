// Sends to a queue and settles what is in it with @azure/service-bus, reads and writes tables with @azure/data-tables,
// and work items with azure-devops-node-api.
// Usage: node act.cjs send|settle|sessions|tables CONNECTION_STRING NAME, or act.cjs track URL PROJECT, where the packages
// are found by NODE_PATH. What was found is written as JSON.
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
  tell(found);
}

const tell = (found) => process.stdout.write(JSON.stringify(found));

async function settle(connection, queue) {
  const { ServiceBusClient } = require("@azure/service-bus");
  const client = new ServiceBusClient(connection, { retryOptions: { maxRetries: 0 } });
  const sender = client.createSender(queue);
  for (const body of ["completed", "deferred"]) await sender.sendMessages({ body });
  const receiver = client.createReceiver(queue);
  const take = async () => (await receiver.receiveMessages(1, { maxWaitTimeInMs: 20_000 }))[0];
  const known = ({ body, state, deliveryCount, applicationProperties }) => ({ body, state, deliveryCount, applicationProperties });
  const first = await take();
  await receiver.completeMessage(first);
  const second = await take();
  await receiver.deferMessage(second, { by: "deferring", times: 1 });
  const peeked = await receiver.peekMessages(5, { fromSequenceNumber: second.sequenceNumber });
  let [again] = await receiver.receiveDeferredMessages(second.sequenceNumber);
  await receiver.abandonMessage(again, { by: "abandoning" });
  [again] = await receiver.receiveDeferredMessages(second.sequenceNumber);
  await receiver.deadLetterMessage(again, { deadLetterReason: "Tried", deadLetterErrorDescription: "Twice.", kept: true });
  const dead = client.createReceiver(queue, { subQueueType: "deadLetter" });
  const [last] = await dead.receiveMessages(1, { maxWaitTimeInMs: 20_000 });
  await dead.completeMessage(last);
  await client.close();
  tell({ ids: [first.messageId, second.messageId], peeked: peeked.map(known), again: known(again), last: known(last) });
}

async function sessions(connection, queue) {
  const { ServiceBusClient } = require("@azure/service-bus");
  const client = new ServiceBusClient(connection, { retryOptions: { maxRetries: 0 } });
  const refusals = [];
  for (const accept of [() => client.acceptNextSession(queue), () => client.acceptSession(queue, "one")]) {
    refusals.push(await accept().then(() => "accepted", (error) => error.message));
  }
  await client.close();
  tell(refusals);
}

async function track(url, project) {
  const { WebApi, getPersonalAccessTokenHandler } = require("azure-devops-node-api");
  const organisation = new WebApi(url, getPersonalAccessTokenHandler("a-token"));
  const connected = await organisation.connect();
  const items = await organisation.getWorkItemTrackingApi();
  const create = (title) => items.createWorkItem({}, [{ op: "add", path: "/fields/System.Title", value: title }], project, "Issue");
  const { id } = await create("Checkout is down");
  const other = await create("Search is slow");
  const link = { rel: "Hyperlink", url: "https://example.com/" };
  await items.updateWorkItem({}, [{ op: "add", path: "/relations/-", value: link }], id);
  await items.addComment({ text: "Seen." }, project, id);
  const related = await items.getWorkItem(id, undefined, undefined, 1);
  const plain = await items.getWorkItem(id, undefined, undefined, 0);
  const named = await items.getWorkItems([id, other.id], ["System.Id", "System.Title"]);
  const omitted = await items.getWorkItems([id, 999], ["System.Id"], undefined, undefined, 2);
  const query = `SELECT [System.Id] FROM WorkItems WHERE [System.Id] IN (${id}, 999) AND [System.State] NOT IN ('Done', 'Removed')`;
  const found = await items.queryByWiql({ query }, { project });
  const refused = await items.queryByWiql({ query: "SELECT [System.Id] FROM WorkItems WHERE [System.Id] IN 1" }).catch((error) => error.message);
  tell({
    user: connected.authenticatedUser.providerDisplayName,
    related: related.relations.map((each) => each.url),
    plain: plain.relations ?? null,
    named: named.map((each) => each.fields),
    omitted: omitted.map((each) => each && each.id),
    found: found.workItems.map((each) => each.id),
    comments: (await items.getComments(project, id)).comments.map((each) => each.text),
    refused,
    ids: [id, other.id],
  });
}

const [what, connection, name] = process.argv.slice(2);
({ send, settle, sessions, tables, track })[what](connection, name).catch((error) => {
  process.stderr.write(`${error.stack ?? error}\n`);
  process.exit(1);
});
