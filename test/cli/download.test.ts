/**
 * The command as a process with the real engine: no peers, signals, readers that leave, ports, data that is
 * there.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { MAIN, spate, start, temporaryFolder } from './run-spate.ts';
import { bencode, torrentFile } from './torrent-file.ts';

const content = Buffer.alloc(100_000, 'content ');
const eventsOf = (text: string): Record<string, unknown>[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

async function listen(server: Server, context: TestContext): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

/**
 * A tracker that knows no peers; what it was told, in order. `isHanging` says which announces get no answer.
 */
async function emptyTracker(context: TestContext, isHanging: (event: string) => boolean = () => false) {
  const announces: string[] = [];
  const held: ServerResponse[] = [];
  const server = createHttpServer((request, response) => {
    const event = new URL(request.url ?? '', 'http://x').searchParams.get('event') ?? 'none';
    announces.push(event);
    if (isHanging(event)) held.push(response);
    else response.end(bencode({ interval: 1800, peers: Buffer.alloc(0) }));
  });
  context.after(() => {
    for (const response of held) response.destroy();
  });
  const port = await listen(server, context);
  return { announces, url: `http://127.0.0.1:${port}/announce` };
}

async function torrentIn(context: TestContext, trackers: readonly string[] = []) {
  const folder = await temporaryFolder(context);
  const path = join(folder, 'x.torrent');
  const torrent = torrentFile({ name: 'data.bin', content, ...(trackers.length > 0 ? { trackers } : {}) });
  await writeFile(path, torrent.bytes);
  return { folder, path, infoHash: torrent.infoHash };
}

test('without peers it says why and gives up after the stall time-out', async (context) => {
  const tracker = await emptyTracker(context);
  const { folder, path, infoHash } = await torrentIn(context, [tracker.url]);
  const { stdout, stderr, code } = await spate([path, '-d', folder, '--json', '--stall-timeout', '2s']);
  assert.equal(code, 1);
  assert.match(stderr, /^spate: gave up after 2 s without data: [^\n]+\n$/);
  const events = eventsOf(stdout);
  for (const event of events) {
    assert.deepEqual(Object.keys(event).slice(0, 3), ['event', 'time', 'infoHash']);
    assert.equal(new Date(event['time'] as string).toISOString(), event['time']);
  }
  const names = events.map((event) => event['event']);
  for (const name of [
    'listening',
    'metadata',
    'checked',
    'tracker',
    'progress',
    'error',
    'stopped',
    'closed',
  ]) {
    assert.ok(names.includes(name), name);
  }
  assert.equal(events.find((event) => event['event'] === 'error')?.['infoHash'], infoHash);
  assert.deepEqual(tracker.announces, ['started', 'stopped']);
  assert.deepEqual(await readdir(folder), ['x.torrent']);
});

test('a log without a terminal names the torrent and the reason, on stderr', async (context) => {
  const { folder, path } = await torrentIn(context);
  const { stdout, stderr, code } = await spate(['download', path, '-d', folder, '--stall-timeout', '1s']);
  assert.equal(code, 1);
  assert.equal(stdout, '');
  assert.match(stderr, /^data\.bin: 100 kB in 1 file$/m);
  assert.match(stderr, /^data\.bin: 0%, no peers: /m);
  assert.equal(stderr.includes('\u001b'), false);
});

test('data that is there is verified, and nobody is told that it was downloaded', async (context) => {
  const tracker = await emptyTracker(context);
  const { folder, path } = await torrentIn(context, [tracker.url]);
  await writeFile(join(folder, 'data.bin'), content);
  const { stdout, code } = await spate([path, '-d', folder, '--json']);
  assert.equal(code, 0);
  const completed = eventsOf(stdout).find((event) => event['event'] === 'completed');
  assert.equal(completed?.['downloadedNow'], false);
  assert.equal(tracker.announces.includes('completed'), false);
});

test('a stdin torrent in the current folder works like a file', async (context) => {
  const { folder, path } = await torrentIn(context);
  await writeFile(join(folder, 'data.bin'), content);
  const { stderr, code } = await spate(['-', '-q'], { cwd: folder, stdin: await readFile(path) });
  assert.deepEqual([stderr, code], ['', 0]);
});

test("somebody else's file is not touched without --overwrite", async (context) => {
  const { folder, path } = await torrentIn(context);
  await writeFile(join(folder, 'data.bin'), 'a letter');
  const { stderr, code } = await spate([path, '-d', folder, '-q', '--stall-timeout', '1s']);
  assert.equal(code, 1);
  assert.match(stderr, /^spate: [^\n]*data\.bin[^\n]*\n$/);
  assert.equal(await readFile(join(folder, 'data.bin'), 'utf8'), 'a letter');
});

test('a port that is busy is an error when it was asked for, and the next of a range is taken', async (context) => {
  const { folder, path } = await torrentIn(context);
  const busy = createServer();
  const port = await listen(busy, context);
  const base = [path, '-d', folder, '--bind', '127.0.0.1', '--stall-timeout', '1s', '--json'];
  const refused = await spate([...base, '-p', `${port}`]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, new RegExp(`^spate: [^\\n]*${port}[^\\n]*\\n$`));
  assert.deepEqual(
    eventsOf(refused.stdout).map((event) => [event['event'], event['code']]),
    [['error', 'address-in-use']],
  );
  const ranged = await spate([...base, '-p', `${port}-${port + 20}`]);
  const listening = eventsOf(ranged.stdout)[0];
  assert.equal(listening?.['event'], 'listening');
  assert.ok((listening?.['port'] as number) > port);
});

for (const [signal, expected] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  test(`${signal}: the tracker hears stopped once, and the exit code is ${expected}`, async (context) => {
    const tracker = await emptyTracker(context);
    const { folder, path } = await torrentIn(context, [tracker.url]);
    const running = start([path, '-d', folder, '--json']);
    await running.stdoutMatch(/"event":"tracker"/);
    running.child.kill(signal);
    // A terminal and npm may both deliver it.
    running.child.kill(signal);
    const { stdout, stderr, code } = await running.result;
    assert.deepEqual([stderr, code], ['', expected]);
    assert.deepEqual(tracker.announces, ['started', 'stopped']);
    assert.deepEqual(
      eventsOf(stdout)
        .slice(-2)
        .map((event) => event['event']),
      ['stopped', 'closed'],
    );
  });
}

test('a signal before anything has started ends the command with its code', async (context) => {
  const { folder, path } = await torrentIn(context);
  const torrent = await readFile(path);
  const server = createHttpServer((_request, response) => {
    response.writeHead(200, { 'content-length': torrent.length });
    response.flushHeaders();
    running.child.kill('SIGINT');
  });
  const port = await listen(server, context);
  context.after(() => server.closeAllConnections());
  const running = start([`http://127.0.0.1:${port}/x.torrent`, '-d', folder]);
  const { code, stdout } = await running.result;
  assert.deepEqual([code, stdout], [130, '']);
});

test('a tracker that hangs holds up the stop for 3 s at most', async (context) => {
  const tracker = await emptyTracker(context, (event) => event === 'stopped');
  const { folder, path } = await torrentIn(context, [tracker.url]);
  const running = start([path, '-d', folder, '--json']);
  await running.stdoutMatch(/"event":"tracker"/);
  const before = performance.now();
  running.child.kill('SIGINT');
  const { code } = await running.result;
  const took = performance.now() - before;
  assert.equal(code, 130);
  assert.ok(took > 2000 && took < 4500, `${took} ms`);
});

test('a second Ctrl+C exits at once', async (context) => {
  const tracker = await emptyTracker(context, (event) => event === 'stopped');
  const { folder, path } = await torrentIn(context, [tracker.url]);
  const running = start([path, '-d', folder]);
  await running.stderrMatch(/no peers|data\.bin: 0%/);
  running.child.kill('SIGINT');
  await running.stderrMatch(/stopping; press Ctrl\+C again/);
  await new Promise((resolve) => setTimeout(resolve, 700));
  const before = performance.now();
  running.child.kill('SIGINT');
  assert.equal((await running.result).code, 130);
  assert.ok(performance.now() - before < 1000);
});

test('a reader that leaves is a quiet graceful stop', async (context) => {
  const tracker = await emptyTracker(context);
  const { folder, path } = await torrentIn(context, [tracker.url]);
  const running = start([path, '-d', folder, '--json']);
  await running.stdoutMatch(/"event":"tracker"/);
  running.child.stdout?.destroy();
  const { stderr, code } = await running.result;
  assert.deepEqual([stderr, code], ['', 141]);
  assert.deepEqual(tracker.announces, ['started', 'stopped']);
});

test('a reader that does not read does not keep Ctrl+C from working', async (context) => {
  const { folder, path } = await torrentIn(context);
  const child = spawn(process.execPath, [MAIN, path, '-d', folder, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  await new Promise((resolve) => child.stdout.once('readable', resolve));
  // From here on nobody reads; a process of its own would be stopped by the same Ctrl+C.
  await new Promise((resolve) => setTimeout(resolve, 500));
  child.kill('SIGINT');
  const code = await new Promise((resolve) => child.on('exit', resolve));
  child.stdout.destroy();
  assert.equal(code, 130);
});

test('a state folder that cannot be used is said, and the download goes on without', async (t) => {
  if (process.platform !== 'linux') {
    t.skip('only Linux has /proc');
    return;
  }
  const { path, folder } = await torrentIn(t);
  const options = ['--state', '/proc/nope', '--stall-timeout', '1s'];
  const { code, stderr } = await spate(['download', path, '-d', folder, ...options]);
  assert.equal(code, 1);
  assert.match(stderr, /^spate: cannot .* the state in .*: this run remembers nothing/m);
  assert.match(stderr, /gave up after/);
  assert.doesNotMatch(stderr, /bug/);
});
