import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEngine, FakeEngine, parseScripted, scripted } from '../../test/cli/fake/fake-engine.ts';
import { InputError } from '../base/input-error.ts';
import type { Client, ClientEvent } from './api.ts';
import { hostSettings } from './check-options.ts';
import { ClientError } from './client-error.ts';
import { EngineHost } from './engine-host.ts';
import { EventQueue } from './event-queue.ts';
import type { HostMessage } from './host-messages.ts';
import type { LinkedClient } from './linked-client.ts';
import { openThreadClient } from './thread-client.ts';
import { openWorkerClient } from './worker-client.ts';

const settings = hostSettings({ progressIntervalMs: 20 });
const fakeModule = new URL('../../test/cli/fake/fake-engine.ts', import.meta.url).href;
const hosts: readonly [string, () => LinkedClient][] = [
  ['thread', () => openThreadClient(settings, createEngine)],
  ['worker', () => openWorkerClient(settings, fakeModule)],
];

async function ready(client: LinkedClient): Promise<LinkedClient> {
  await client.started;
  return client;
}

/** Everything that the client says, and a wait for an event. */
function record(client: Client) {
  const events: ClientEvent[] = [];
  const waiters: { name: string; resolve: (event: ClientEvent) => void }[] = [];
  client.subscribe((event) => {
    events.push(event);
    for (const waiter of waiters) if (waiter.name === event.event) waiter.resolve(event);
  });
  const seen = (name: string): Promise<ClientEvent> =>
    new Promise((resolve) => {
      const found = events.find((event) => event.event === name);
      if (found !== undefined) resolve(found);
      else waiters.push({ name, resolve });
    });
  return { events, seen, names: () => events.map((event) => event.event).filter((n) => n !== 'progress') };
}

const add = (client: Client, script: Parameters<typeof scripted>[1], infoHash = 'aa') =>
  client.add({ metainfo: scripted(infoHash, script), directory: '/tmp' });

for (const [host, open] of hosts) {
  test(`${host}: from the first event to the last, in order, with the time`, async () => {
    const client = await ready(open());
    const { events, seen, names } = record(client);
    assert.equal(await add(client, 'complete'), 'aa');
    await seen('completed');
    await client.remove('aa');
    assert.equal(names().at(-1), 'stopped');
    await client.close();
    assert.deepEqual(names(), [
      'listening',
      'metadata',
      'checked',
      ...Array.from({ length: 10 }, () => 'piece-verified'),
      'completed',
      'stopped',
      'closed',
    ]);
    for (const event of events) assert.equal(new Date(event.time).toISOString(), event.time);
  });

  test(`${host}: progress and details while a torrent is active`, async () => {
    const client = await ready(open());
    const { seen } = record(client);
    await add(client, 'stall');
    const progress = await seen('progress');
    assert.equal(progress.infoHash, 'aa');
    const details = await client.details('aa');
    assert.deepEqual([...(details?.have ?? [])], [0xff, 0xc0]);
    assert.equal(details?.torrent.diagnosis.code, 'no-peers');
    assert.equal(await client.details('bb'), null);
    await client.close();
  });

  test(`${host}: bad input is refused with InputError and hurts nothing else`, async () => {
    const client = await ready(open());
    const directory = '/tmp';
    await assert.rejects(client.add({ metainfo: new Uint8Array([1]), directory }), InputError);
    await assert.rejects(add(client, 'refuse'), { name: 'InputError', code: 'bad-torrent' });
    await assert.rejects(client.add({ metainfo: scripted('aa', 'stall'), directory: 'relative' }), {
      name: 'InputError',
      code: 'bad-option',
    });
    assert.equal(await add(client, 'stall'), 'aa');
    await client.remove('aa');
    await client.remove('unknown');
    await client.close();
  });

  test(`${host}: commands work when nobody listens`, { timeout: 5000 }, async () => {
    const client = await ready(open());
    await add(client, 'complete');
    await client.remove('aa');
    await client.close();
  });

  test(`${host}: a bug of the engine is an error event, then closed, and all promises settle`, async () => {
    const client = await ready(open());
    const { seen, names, events } = record(client);
    await add(client, 'bug');
    await seen('closed');
    assert.deepEqual(names().slice(-2), ['error', 'closed']);
    const error = events.find((event) => event.event === 'error');
    assert.equal(error?.code, 'bug');
    assert.match(error?.message ?? '', /RangeError: a bug .*please report/);
    await assert.rejects(add(client, 'stall'), ClientError);
    await client.close();
  });

  test(`${host}: a bug within a command rejects it and ends the engine`, async () => {
    const client = await ready(open());
    const { seen } = record(client);
    await assert.rejects(add(client, 'bug-in-add'), { name: 'ClientError', code: 'bug' });
    await seen('closed');
    await client.close();
  });

  test(`${host}: calls after close are refused, and close may be called again`, async () => {
    const client = await ready(open());
    await add(client, 'stall');
    await Promise.all([client.close(), client.close()]);
    await client.close();
    await assert.rejects(client.details('aa'), { name: 'ClientError', code: 'closed' });
    await assert.rejects(add(client, 'stall'), { name: 'ClientError', code: 'closed' });
  });

  test(`${host}: a slow listener gets everything in order, and nothing twice`, async () => {
    const client = await ready(open());
    const pieces: number[] = [];
    let running = 0;
    const completed = Promise.withResolvers<void>();
    client.subscribe(async (event) => {
      assert.equal(running++, 0);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      if (event.event === 'piece-verified') pieces.push(event.piece);
      if (event.event === 'completed') completed.resolve();
    });
    await add(client, 'flood');
    await completed.promise;
    assert.deepEqual(
      pieces,
      Array.from({ length: 3000 }, (_, i) => i),
    );
    await client.close();
  });
}

for (const script of ['crash', 'exit'] as const) {
  test(`worker: a thread that dies (${script}) is an error event, then closed, and rejects what waits`, async () => {
    const client = await ready(openWorkerClient(settings, fakeModule));
    const { names, seen } = record(client);
    await add(client, 'deaf', 'bb');
    const removal = assert.rejects(client.remove('bb'), { name: 'ClientError', code: 'bug' });
    await add(client, script);
    await removal;
    await seen('closed');
    assert.deepEqual(names().slice(-2), ['error', 'closed']);
    await client.close();
  });
}

test('worker: an engine that cannot be loaded rejects the start', async () => {
  const client = openWorkerClient(settings, new URL('./no-such-module.ts', import.meta.url).href);
  await assert.rejects(client.started, { name: 'ClientError', code: 'bug' });
  await client.close();
});

test('an engine that does not close is ended by force after the time-out', async () => {
  const { LinkedClient } = await import('./linked-client.ts');
  let isTerminated = false;
  const client = new LinkedClient(() => ({ send() {}, terminate: () => (isTerminated = true) }), 30);
  const { names, events } = record(client);
  await client.close();
  assert.equal(isTerminated, true);
  assert.deepEqual(names(), ['error', 'closed']);
  assert.equal(events[0]?.event === 'error' && events[0].code, 'timeout');
});

test('a listener that is behind when the engine has closed well gets the rest, and no error', async () => {
  for (const stuckAt of ['checked', 'stopped', 'closed'] as const) {
    const client = await ready(openThreadClient(settings, createEngine, 50));
    const names: string[] = [];
    client.subscribe((event) => {
      if (event.event !== 'progress') names.push(event.event);
      return event.event === stuckAt ? new Promise(() => undefined) : undefined;
    });
    await add(client, 'stall');
    await client.close();
    assert.equal(names.at(-1), 'closed', `stuck at ${stuckAt}`);
    assert.equal(names.includes('error'), false);
  }
});

test('a failure to listen rejects the start with its code and sentence', async () => {
  const client = openThreadClient(settings, (_settings, events, onBug) => {
    const engine = new FakeEngine(events, onBug, 'stall', 'address-in-use');
    return { engine, parseMetainfo: parseScripted, destroy: () => engine.destroy() };
  });
  await assert.rejects(client.started, { code: 'address-in-use', message: /port 6881 is in use/ });
  await client.close();
});

test('a reader that never takes a batch ends the download with an error, and the engine never waits', async () => {
  const messages: HostMessage[] = [];
  const host = new EngineHost(
    settings,
    createEngine,
    (message) => messages.push(message),
    new EventQueue(500),
  );
  host.handle({ kind: 'add', id: 1, options: { metainfo: scripted('aa', 'flood'), directory: '/tmp' } });
  const names: string[] = [];
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  while (!names.includes('closed')) {
    for (const message of messages.splice(0)) {
      if (message.kind === 'events') names.push(...message.events.map((event) => event.event));
    }
    host.handle({ kind: 'taken' });
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(names.filter((name) => name === 'piece-verified').length <= 500 + 256, true);
  assert.deepEqual(names.filter((name) => name !== 'piece-verified' && name !== 'progress').slice(-3), [
    'error',
    'stopped',
    'closed',
  ]);
});
