import assert from 'node:assert/strict';
import { test } from 'node:test';
import { downloadOptions, parseDuration, parsePorts } from './options.ts';

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
