import assert from 'node:assert/strict';
import { test } from 'node:test';
import { downloadOptions, parseDuration, parsePorts, parseRate } from './options.ts';

const refused = { name: 'InputError', code: 'usage' };

test('a port is a number, a range or 0', () => {
  assert.deepEqual(parsePorts('6881'), { first: 6881, last: 6881 });
  assert.deepEqual(parsePorts('6881-6889'), { first: 6881, last: 6889 });
  assert.deepEqual(parsePorts('0'), { first: 0, last: 0 });
  for (const text of ['', '65536', '6889-6881', '0-5', '-1', '1-', 'x', '1.5', ' 1']) {
    assert.throws(() => parsePorts(text), refused, text);
  }
});

test('a time has units, or means seconds', () => {
  const times: readonly [string, number][] = [
    ['90s', 90_000],
    ['10m', 600_000],
    ['1h30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['500ms', 500],
    ['2', 2000],
  ];
  for (const [text, ms] of times) assert.equal(parseDuration('--stall-timeout', text), ms);
  for (const text of ['', '0', '0s', 'm', '10 m', '10x', '-5s', '1e3s', '9999d', 's10']) {
    assert.throws(() => parseDuration('--stall-timeout', text), refused, text);
  }
});

test('a rate is bytes a second, with decimal or binary units', () => {
  const rates: readonly [string, number][] = [
    ['0', 0],
    ['0k', 0],
    ['1', 1],
    ['0.5', 1],
    ['500', 500],
    ['500k', 500_000],
    ['500K', 500_000],
    ['2M', 2_000_000],
    ['1.5M', 1_500_000],
    ['1G', 1_000_000_000],
    ['512Ki', 524_288],
    ['1Mi', 1_048_576],
    ['2.5Mi', 2_621_440],
    ['1Gi', 1_073_741_824],
    ['2MB/s', 2_000_000],
    ['1MiB', 1_048_576],
    ['1000G', 1e12],
  ];
  for (const [text, rate] of rates) assert.equal(parseRate('--max-down', text), rate, text);
});

test('a rate that cannot be right is refused in a sentence that names the option', () => {
  for (const text of [
    '',
    'k',
    '-1',
    '-1k',
    '1i',
    '1m',
    '1T',
    '1e6',
    '1 M',
    ' 1M',
    '1,5M',
    '.5M',
    '1.M',
    '1Mib',
    'fast',
  ]) {
    assert.throws(() => parseRate('--max-up', text), { ...refused, message: /--max-up is '/ }, text);
  }
  assert.throws(() => parseRate('--max-up', '1001G'), /--max-up is '1001G', more than any line carries/);
  assert.throws(() => parseRate('--max-up', '999999999999Gi'), refused);
});

test('limits of a session and of seeding are read, and a limit of seeding means seeding', () => {
  const given = (raw: object) => downloadOptions(['a.torrent'], { trackers: true, ...raw });
  const { maxDownRate, maxUpRate } = given({ maxDown: '1Mi', maxUp: '500k' });
  assert.deepEqual([maxDownRate, maxUpRate], [1_048_576, 500_000]);
  assert.deepEqual(given({ seed: true }).seed, { ratio: null, seedTimeMs: null });
  assert.deepEqual(given({ ratio: '1.5' }).seed, { ratio: 1.5, seedTimeMs: null });
  assert.deepEqual(given({ seedTime: '30m' }).seed, { ratio: null, seedTimeMs: 1_800_000 });
  assert.deepEqual(given({ ratio: '0', seedTime: '1h' }).seed, { ratio: 0, seedTimeMs: 3_600_000 });
  for (const ratio of ['', '-1', '1x', '1,5', '1.', '1e3', '12345678', 'inf']) {
    assert.throws(() => given({ ratio }), { ...refused, message: /--ratio is '/ }, ratio);
  }
  assert.throws(() => given({ seedTime: 'long' }), { ...refused, message: /--seed-time is 'long'/ });
});

test('values that cannot be right are refused in a sentence that names the option', () => {
  const given = (raw: object) => () => downloadOptions(['a.torrent'], { trackers: true, ...raw });
  assert.throws(given({ peer: ['host'] }), /--peer is 'host'/);
  assert.throws(given({ peer: ['::1:6881'] }), /--peer/);
  assert.throws(given({ peer: ['host:0'] }), /--peer/);
  assert.throws(given({ bind: 'eth0' }), /--bind is 'eth0', not an IP address/);
  assert.throws(given({ dir: '' }), /--dir is empty/);
  assert.throws(() => downloadOptions(['-', '-'], { trackers: true }), /stdin/);
});

test('what is not given has its default', () => {
  const options = downloadOptions(['a.torrent'], { trackers: true });
  assert.deepEqual(options, {
    torrents: ['a.torrent'],
    directory: process.cwd(),
    selections: [],
    peers: [],
    port: { first: 0, last: 0 },
    bindAddress: null,
    useTrackers: true,
    overwrite: false,
    stallTimeoutMs: null,
    maxDownRate: 0,
    maxUpRate: 0,
    seed: null,
    stateFolder: null,
    output: 'people',
    wantsUi: true,
  });
  assert.equal(downloadOptions(['a'], { trackers: true, bind: '0:0::1' }).bindAddress, '::1');
  assert.equal(downloadOptions(['a'], { trackers: true, json: true, quiet: true }).output, 'json');
});
