/** The command line before any download: help, version, and everything that a person can get wrong. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Result, spate, temporaryFolder } from './run-spate.ts';
import { bencode, torrentFile } from './torrent-file.ts';

/** Asserts one sentence on stderr that matches, nothing on stdout, and the code. */
function assertRefused(result: Result, pattern: RegExp, code = 2): void {
  assert.match(result.stderr, pattern);
  assert.match(result.stderr, /^spate: [^\n]+\n$/, 'one line');
  assert.doesNotMatch(result.stderr, / at .*:\d+:\d+/, 'no stack trace');
  assert.equal(result.stdout, '');
  assert.equal(result.code, code);
}

for (const args of [['--help'], ['-h'], ['download', '--help'], ['show', '-h']]) {
  test(`spate ${args.join(' ')} fits a screen of 80 columns and 24 lines`, async () => {
    const { stdout, stderr, code } = await spate(args);
    const lines = stdout.trimEnd().split('\n');
    assert.ok(lines.length <= 23, `${lines.length} lines, and the prompt needs one`);
    for (const line of lines) assert.ok(line.length <= 80, line);
    assert.match(lines[0]!, /^Usage: spate/);
    assert.deepEqual([stderr, code], ['', 0]);
  });
}

test('the version is printed everywhere, and everything is documented', async () => {
  for (const args of [['-V'], ['--version'], ['download', '-V'], ['show', '--version']]) {
    assert.match((await spate(args)).stdout, /^\d+\.\d+\.\d+\S*\n$/);
  }
  const help = (await spate(['download', '-h'])).stdout;
  const options = [
    '-d, --dir',
    '--select',
    '--peer',
    '-p, --port',
    '--bind',
    '--no-trackers',
    '--overwrite',
    '--stall-timeout',
    '--json',
    '-q, --quiet',
  ];
  for (const option of options) assert.ok(help.includes(option), option);
});

test('version, help and show load neither HTTP nor workers nor the engine', async (context) => {
  const folder = await temporaryFolder(context);
  const torrent = join(folder, 'a.torrent');
  await writeFile(torrent, torrentFile().bytes);
  const hook = join(folder, 'hook.mjs');
  await writeFile(
    hook,
    `import { registerHooks } from 'node:module';
     registerHooks({
       load(url, context, next) {
         if (/undici|worker_threads|\\/engine\\/|node-engine/.test(url)) throw new Error('loaded ' + url);
         return next(url, context);
       },
     });`,
  );
  for (const args of [
    ['-V'],
    ['--help'],
    ['download', '--help'],
    ['show', torrent],
    ['show', torrent, '--json'],
  ]) {
    const { stderr, code } = await spate(args, { runtime: ['--import', hook] });
    assert.deepEqual([stderr, code], ['', 0], args.join(' '));
  }
});

test('bad usage is one sentence and exit 2', async () => {
  const cases: readonly [readonly string[], RegExp][] = [
    [[], /no torrent is given/],
    [['download'], /no torrent is given/],
    [['show'], /no torrent is given/],
    [['--frobnicate'], /unknown option '--frobnicate'/],
    [['download', '--jsn', 'x.torrent'], /unknown option '--jsn' .*--json/],
    [['x.torrent', '--port'], /argument missing/],
    [['x.torrent', '--port', '70000'], /--port is '70000'/],
    [['x.torrent', '-p', '20-10'], /--port is '20-10'/],
    [['x.torrent', '--bind', 'lo'], /--bind is 'lo', not an IP address/],
    [['x.torrent', '--peer', '127.0.0.1'], /--peer is '127.0.0.1', not HOST:PORT/],
    [['x.torrent', '--stall-timeout', 'soon'], /--stall-timeout is 'soon'/],
    [['-', '-'], /stdin \(-\) can be given once only/],
    [['show', 'a', 'b'], /too many arguments/],
    [
      ['magnet:?xt=urn:btih:722fe65b2aa26d14f35b4ad627d20236e481d924'],
      /magnet links cannot be downloaded yet/,
    ],
    [['ftp://127.0.0.1/x.torrent'], /only http and https/],
  ];
  for (const [args, pattern] of cases) assertRefused(await spate(args), pattern);
});

test('a source that is no torrent is named in one sentence', async (context) => {
  const folder = await temporaryFolder(context);
  const file = async (name: string, bytes: Uint8Array): Promise<string> => {
    await writeFile(join(folder, name), bytes);
    return join(folder, name);
  };
  const v2Only = {
    'file tree': { a: { '': { length: 0 } } },
    'meta version': 2,
    name: 'a',
    'piece length': 16_384,
  };
  await mkdir(join(folder, 'folder'));
  const cases: readonly [string, RegExp][] = [
    [join(folder, 'missing.torrent'), /missing\.torrent: there is no such file/],
    [join(folder, 'folder'), /folder is a folder, not a \.torrent file/],
    [await file('empty.torrent', Buffer.alloc(0)), /empty\.torrent is empty/],
    [await file('text.torrent', Buffer.from('hello')), /text\.torrent is not a valid \.torrent file/],
    [await file('cut.torrent', torrentFile().bytes.subarray(0, 60)), /cut\.torrent is not a valid .*byte/],
    [await file('v2.torrent', bencode({ info: v2Only })), /v2\.torrent is a v2-only torrent/],
    [join(await file('file', Buffer.from('x')), 'x.torrent'), /there is no such file/],
  ];
  for (const [path, pattern] of cases) assertRefused(await spate([path, '-d', folder]), pattern);
  const good = await file('good.torrent', torrentFile().bytes);
  assertRefused(await spate([good, good, '-d', folder]), /given twice/);
  assertRefused(await spate([good, '-d', folder, '--select', '2']), /has 2, but .* has the files 1 to 1/);
  assertRefused(await spate([good, '-d', folder, '--select', '*.mkv']), /matches no file/);
});

test('with --json a refusal is an error event too', async () => {
  const { stdout, stderr, code } = await spate(['missing.torrent', '--json']);
  const event = JSON.parse(stdout);
  assert.equal(event.event, 'error');
  assert.equal(event.infoHash, null);
  assert.equal(new Date(event.time).toISOString(), event.time);
  assert.match(event.message, /no such file/);
  assert.match(stderr, /^spate: .*no such file\n$/);
  assert.equal(code, 2);
});

test('show reads a file, stdin and a URL alike', async (context) => {
  const folder = await temporaryFolder(context);
  const { bytes, infoHash } = torrentFile({
    name: 'n',
    files: { 'a/b': Buffer.from('xy'), c: Buffer.from('z') },
  });
  await writeFile(join(folder, 'a.torrent'), bytes);
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/dl/')) response.end(bytes);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const results = [
    await spate(['show', '--json', 'a.torrent'], { cwd: folder }),
    await spate(['show', '--json', '-'], { stdin: bytes }),
    await spate(['show', '--json', `${url}/dl/a.torrent`]),
  ];
  for (const { stdout, stderr, code } of results) {
    assert.deepEqual([stderr, code], ['', 0]);
    const shown = JSON.parse(stdout);
    assert.equal(shown.infoHashV1, infoHash);
    assert.deepEqual(
      shown.files.map((file: { path: string; length: number }) => [file.path, file.length]),
      [
        ['a/b', 2],
        ['c', 1],
      ],
    );
  }
  const missing = await spate(['show', `${url}/missing.torrent?passkey=0123456789abcdef0123456789abcdef`]);
  assertRefused(missing, /cannot fetch http:\/\/127\.0\.0\.1:\d+\/.*the server answered 404/, 1);
  assert.doesNotMatch(missing.stderr, /0123456789abcdef/);
});

test('show prints a numbered tree for people, and refuses what it cannot read', async () => {
  const { bytes } = torrentFile({ name: 'n', files: { 'a/b': Buffer.from('xy'), c: Buffer.from('z') } });
  const { stdout, code } = await spate(['show', '-'], { stdin: bytes });
  assert.match(stdout, /\b1\b.*\bb\b/);
  assert.match(stdout, /\b2\b.*\bc\b/);
  assert.equal(code, 0);
  assertRefused(await spate(['show', '-'], { stdin: Buffer.from('d4:infoi1ee') }), /stdin is not a valid/);
  assertRefused(await spate(['show', 'magnet:?dn=x']), /spate: /);
});
