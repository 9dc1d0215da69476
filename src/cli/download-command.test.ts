/** The whole command in one process, with a scripted engine on the test's thread. */
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { after, test } from 'node:test';
import { FakeEngine, type Script } from '../../test/cli/fake/fake-engine.ts';
import { torrentFile } from '../../test/cli/torrent-file.ts';
import { hostSettings } from '../client/check-options.ts';
import { parseTorrent } from '../client/index.ts';
import { openThreadClient } from '../client/thread-client.ts';
import { download } from './download-command.ts';
import { downloadOptions, type RawDownloadOptions } from './options.ts';
import { TextStream } from './text-stream.ts';

const folder = await mkdtemp(join(tmpdir(), 'spate-command-'));
after(() => rm(folder, { recursive: true, force: true }));

/** A stream that keeps what it is given, as slowly as it is told, or has lost its reader. */
class Sink extends Writable {
  text = '';
  isBroken = false;
  holdMs = 0;
  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    if (this.isBroken) {
      done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
      return;
    }
    this.text += chunk.toString();
    if (this.holdMs > 0) setTimeout(done, this.holdMs).unref();
    else done();
  }
}

interface Setting {
  readonly script?: Script;
  readonly listenFailure?: string;
  readonly terminalColumns?: number;
  readonly torrents?: readonly string[];
}

/** Runs `spate download` on torrents made from `torrents` (their names). */
async function run(raw: Partial<RawDownloadOptions>, setting: Setting = {}) {
  const stdout = new Sink({ highWaterMark: 200 });
  const stderr = Object.assign(new Sink(), {
    isTTY: setting.terminalColumns !== undefined,
    columns: setting.terminalColumns,
  });
  const signals = new EventEmitter();
  const exits: number[] = [];
  const engines: FakeEngine[] = [];
  const clock = { ms: 0 };
  const paths: string[] = [];
  for (const name of setting.torrents ?? ['example']) {
    paths.push(join(folder, `${name}.torrent`));
    await writeFile(paths.at(-1)!, torrentFile({ name }).bytes);
  }
  const world = {
    stdin: Readable.from([]),
    stdout: new TextStream(stdout),
    stderr: new TextStream(stderr),
    signals,
    exitNow: (code: number) => void exits.push(code),
    now: () => clock.ms,
    async createClient() {
      const client = openThreadClient(
        hostSettings({ progressIntervalMs: 20 }),
        (_settings, events, onBug) => {
          const engine = new FakeEngine(events, onBug, setting.script, setting.listenFailure ?? null);
          engines.push(engine);
          return { engine, parseMetainfo: parseTorrent, destroy: () => engine.destroy() };
        },
        100,
      );
      await client.started.catch(async (error) => {
        await client.close();
        throw error;
      });
      return client;
    },
  };
  const code = download(downloadOptions(paths, { trackers: true, ...raw }), world);
  return { code, stdout, stderr, signals, exits, engines, clock };
}

const eventsOf = (
  text: string,
): { event: string; infoHash: string | null; code?: string; message?: string }[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
const names = (text: string): string[] =>
  eventsOf(text)
    .map((event) => event.event)
    .filter((name) => name !== 'progress' && name !== 'piece-verified');

/** Resolves when `condition` holds; the test's own time-out ends a wait in vain. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

test('a download that completes is removed, and the command ends with 0', async () => {
  const { code, stdout, stderr, engines } = await run({ json: true });
  assert.equal(await code, 0);
  assert.deepEqual(names(stdout.text), [
    'listening',
    'metadata',
    'checked',
    'completed',
    'stopped',
    'closed',
  ]);
  assert.equal(engines[0]?.removed.length, 1);
  assert.equal(stderr.text, '');
  for (const line of stdout.text.trimEnd().split('\n')) {
    assert.deepEqual(Object.keys(JSON.parse(line)).slice(0, 3), ['event', 'time', 'infoHash']);
  }
});

test('options reach the engine', async () => {
  const { code, engines } = await run({
    dir: folder,
    select: ['1'],
    peer: ['127.0.0.1:1', '[::1]:2'],
    trackers: false,
    overwrite: true,
  });
  await code;
  const { directory, selectedFiles, peers, useTrackers, overwrite } = engines[0]!.requests[0]!;
  assert.deepEqual(
    { directory, selectedFiles, peers, useTrackers, overwrite },
    {
      directory: folder,
      selectedFiles: [0],
      peers: ['127.0.0.1:1', '[::1]:2'],
      useTrackers: false,
      overwrite: true,
    },
  );
});

test('several torrents run side by side, each named in the log', async () => {
  const { code, stderr, engines } = await run({}, { torrents: ['one', 'two'] });
  assert.equal(await code, 0);
  assert.equal(engines[0]?.requests.length, 2);
  assert.match(stderr.text, /^one: complete/m);
  assert.match(stderr.text, /^two: complete/m);
});

test('a failed torrent is one sentence on stderr and exit 1', async () => {
  const { code, stderr } = await run({ quiet: true }, { script: 'fail' });
  assert.equal(await code, 1);
  assert.equal(stderr.text, 'spate: the disk is full; free some space and start again\n');
});

test('a bug in the engine ends the command with 1 and asks for a report', async () => {
  const { code, stderr } = await run({}, { script: 'bug' });
  assert.equal(await code, 1);
  assert.match(stderr.text, /^spate: RangeError: a bug .*this is a bug in spate, please report it$/m);
});

test('a torrent that the engine refuses is bad input', async () => {
  const { code, stderr } = await run({}, { script: 'refuse' });
  assert.equal(await code, 2);
  assert.equal(stderr.text, 'spate: the torrent is refused\n');
});

test('a port that is busy is a failure with a sentence, in JSON too', async () => {
  const { code, stderr, stdout } = await run({ json: true }, { listenFailure: 'address-in-use' });
  assert.equal(await code, 1);
  assert.deepEqual(
    eventsOf(stdout.text).map(({ event, code: reason }) => [event, reason]),
    [['error', 'address-in-use']],
  );
  assert.match(stderr.text, /^spate: port 6881 is in use; [^\n]+\n$/);
});

test('without data for the stall time-out it gives up, and says why', async () => {
  const { code, stderr, engines } = await run({ stallTimeout: '100ms' }, { script: 'stall' });
  assert.equal(await code, 1);
  assert.match(stderr.text, /gave up after 0\.1 s without data: no peers: the tracker knows of none/);
  assert.equal(engines[0]?.removed.length, 1);
});

test('a log says why nothing comes', async () => {
  const { code, stderr, signals } = await run({}, { script: 'stall' });
  await until(() => stderr.text.includes('no peers: the tracker knows of none'));
  signals.emit('SIGTERM');
  assert.equal(await code, 143);
});

for (const [signal, expected] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  test(`${signal} stops gracefully once, and ends with ${expected}`, async () => {
    const { code, stdout, signals, exits, clock } = await run({ json: true }, { script: 'stall' });
    await until(() => stdout.text.includes('"checked"'));
    signals.emit(signal);
    clock.ms = 400;
    signals.emit(signal);
    assert.equal(await code, expected);
    assert.deepEqual(names(stdout.text).slice(-2), ['stopped', 'closed']);
    assert.deepEqual(exits, []);
  });
}

test('a second Ctrl+C exits at once', async () => {
  const { code, stdout, signals, exits, clock } = await run({ json: true }, { script: 'deaf' });
  await until(() => stdout.text.includes('"checked"'));
  signals.emit('SIGINT');
  clock.ms = 501;
  signals.emit('SIGINT');
  assert.deepEqual(exits, [130]);
  // In the real program nothing follows; here the engine, which is deaf, is ended by force.
  assert.equal(await code, 130);
});

test('a reader that goes away is a quiet stop', async () => {
  const { code, stdout, stderr, engines } = await run({ json: true }, { script: 'stall' });
  await until(() => stdout.text.includes('"checked"'));
  stdout.isBroken = true;
  assert.equal(await code, 141);
  assert.equal(stderr.text, '');
  assert.equal(engines[0]?.removed.length, 1);
});

test('a slow reader gets every line, in order', async () => {
  const { code, stdout } = await run({ json: true }, { script: 'complete' });
  stdout.holdMs = 3;
  assert.equal(await code, 0);
  const events = eventsOf(stdout.text);
  assert.equal(events.filter((event) => event.event === 'piece-verified').length, 10);
  assert.equal(events.at(-1)?.event, 'closed');
});

test('a reader that does not read at all does not keep a signal from ending the command', async () => {
  const { code, stdout, signals, engines } = await run({ json: true }, { script: 'flood' });
  stdout.holdMs = 3_600_000;
  await until(() => engines[0]?.requests.length === 1 && stdout.writableNeedDrain);
  signals.emit('SIGINT');
  assert.equal(await code, 130);
  stdout.destroy();
});

test('a terminal gets one line that is painted over, without escape sequences', async () => {
  const { code, stderr, signals } = await run({}, { script: 'stall', terminalColumns: 60 });
  await until(() => stderr.text.includes('no peers'));
  signals.emit('SIGINT');
  assert.equal(await code, 130);
  assert.equal(stderr.text.includes('\u001b'), false);
  assert.ok(stderr.text.includes('\r'));
  for (const line of stderr.text.split(/[\r\n]/))
    assert.ok(line.length < 60 || line.startsWith('example'), line);
  assert.equal(
    stderr.text
      .split(/[\r\n]/)
      .at(-1)
      ?.trim(),
    '',
    'the cursor ends on an empty line',
  );
});
