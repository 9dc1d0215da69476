/** The whole terminal UI on a terminal on paper, with keys typed into it and a client that is told what to answer. */
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { generateFile, type TorrentContent, torrentFile } from '../../test/support/content.ts';
import { poll } from '../../test/support/processes.ts';
import { PaperTerminal } from '../../test/tui/support/paper-terminal.ts';
import { detailsOf, peerOf } from '../../test/tui/support/show.ts';
import type { Output } from '../cli/output.ts';
import {
  type Client,
  ClientError,
  type ClientEvent,
  parseTorrent,
  type TorrentDetails,
} from '../client/index.ts';
import type { Limits } from './data/steering.ts';
import { TuiOutput } from './tui-output.ts';

const CONTENT = generateFile('one.bin', 500_000, 16 * 1024);
const OTHER = generateFile('two.bin', 500_000, 16 * 1024);
const time = '2024-01-01T00:00:00.000Z';

class RecordingOutput implements Output {
  readonly said: string[] = [];
  readonly events: string[] = [];
  isFinished = false;
  onEvent(event: ClientEvent): undefined {
    this.events.push(event.event);
  }
  notice(sentence: string): void {
    this.said.push(sentence);
  }
  failure(_code: string, sentence: string): void {
    this.said.push(sentence);
  }
  finish(): void {
    this.isFinished = true;
  }
}

interface Stage {
  readonly paper: PaperTerminal;
  readonly tui: TuiOutput;
  readonly keyboard: PassThrough;
  readonly window: EventEmitter & { columns: number; rows: number };
  readonly fallback: RecordingOutput;
  readonly limits: Limits[];
  readonly raw: boolean[];
  readonly quits: number[];
  readonly stderr: string[];
  answer: () => Promise<TorrentDetails | null>;
  asked: number;
}

function stage(t: TestContext, contents: readonly TorrentContent[] = [CONTENT]): Stage {
  const paper = new PaperTerminal();
  const window = Object.assign(new EventEmitter(), { isTTY: true, columns: 80, rows: 24 });
  const raw: boolean[] = [];
  const keyboard = new PassThrough();
  const setRawMode = (isRaw: boolean): void => void raw.push(isRaw);
  const stdin = Object.assign(keyboard, { isTTY: true, setRawMode, ref: () => stdin, unref: () => stdin });
  const fallback = new RecordingOutput();
  const result = { paper, window, keyboard, fallback, raw, limits: [], quits: [], stderr: [], asked: 0 };
  const made = Object.assign(result, { answer: async () => detailsOf(CONTENT) }) as unknown as Stage & {
    tui: TuiOutput;
  };
  const client = {
    details: async () => {
      made.asked++;
      return made.answer();
    },
    setLimits: async (_infoHash: string | null, limits: Limits) => void made.limits.push(limits),
  } as unknown as Client;
  made.tui = new TuiOutput({
    client,
    torrents: contents.map((content) => ({
      infoHash: content.infoHashHex,
      metainfo: parseTorrent(torrentFile(content)),
      selectedFiles: null,
    })),
    limits: { maxDownRate: 0, maxUpRate: 7000 },
    stdin: stdin as unknown as NodeJS.ReadStream,
    stdout: window as unknown as NodeJS.WriteStream,
    stderr: {
      isTTY: false,
      write: (text: string) => made.stderr.push(text),
    } as unknown as NodeJS.WriteStream,
    terminal: paper,
    capabilities: { hasScreen: true, hasColors: false, hasUnicode: true },
    onQuit: () => made.quits.push(1),
    fallback,
  });
  t.after(() => made.tui.finish());
  return made;
}

async function shows(paper: PaperTerminal, pattern: RegExp): Promise<void> {
  await poll(
    `${pattern} in\n${paper.screen()}`,
    5000,
    () => (pattern.test(paper.screen()) ? true : null),
    10,
  );
}

const stopped = {
  event: 'stopped',
  time,
  infoHash: CONTENT.infoHashHex,
  downloadedBytes: 1,
  uploadedBytes: 0,
  verifiedBytes: 250_000,
  wantedBytes: 500_000,
  trackersToldStopped: 0,
  trackersNotTold: 0,
} as const;

test('it shows what the client tells, obeys keys, and leaves a summary when it goes', async (t) => {
  const { paper, keyboard, tui, raw } = stage(t);
  assert.equal(paper.isAlternate, true);
  await shows(paper, /one\.bin[\s\S]*1\.10 MB\/s[\s\S]*192\.168\.0\.1:3455/);
  keyboard.write('p');
  await shows(paper, /Address/);
  keyboard.write('\u001b');
  await shows(paper, /Downloading from/);
  tui.onEvent(stopped);
  tui.finish();
  assert.equal(paper.isAlternate, false);
  assert.equal(paper.hasCursor, true);
  assert.equal(paper.isClosed, true);
  assert.equal(paper.firstScreen, 'one.bin: stopped at 50.0%; the same command goes on from there\n');
  await poll('cooked mode', 1000, () => (raw.at(-1) === false ? true : null), 5);
});

test('errors stay as sentences, on stderr as well when that is no terminal', (t) => {
  const { paper, tui, stderr } = stage(t);
  const message = 'the disk is full';
  tui.onEvent({ event: 'error', time, infoHash: CONTENT.infoHashHex, code: 'disk-full', message });
  tui.failure('late', 'it ended badly');
  tui.finish();
  assert.equal(paper.firstScreen, 'spate: one.bin: the disk is full\nspate: it ended badly\n');
  assert.deepEqual(stderr, ['spate: one.bin: the disk is full\n', 'spate: it ended badly\n']);
});

test('q and Ctrl+C are the wish to quit, and the goodbye is shown', async (t) => {
  const { paper, keyboard, tui, quits } = stage(t);
  await shows(paper, /one\.bin/);
  keyboard.write('q');
  await poll('quit', 2000, () => (quits.length === 1 ? true : null), 5);
  tui.notice('stopping; press Ctrl+C again to exit at once');
  await shows(paper, /press Ctrl\+C again/);
  keyboard.write('\u0003');
  await poll('insisting', 2000, () => (quits.length === 2 ? true : null), 5);
});

test('a limit that is typed reaches the client, and the other direction keeps its own', async (t) => {
  const { paper, keyboard, limits } = stage(t);
  await shows(paper, /limits/);
  keyboard.write('d');
  await shows(paper, /Limit the download to/);
  keyboard.write('500k');
  await shows(paper, /to 500k/);
  keyboard.write('\r');
  await poll('limits', 2000, () => (limits.length === 1 ? true : null), 5);
  assert.deepEqual(limits, [{ maxDownRate: 500_000, maxUpRate: 7000 }]);
});

test('a new size is drawn whole', async (t) => {
  const { paper, window } = stage(t);
  await shows(paper, /Downloading from/);
  window.columns = 40;
  window.rows = 10;
  window.emit('resize');
  await poll('40 columns', 3000, () =>
    paper.rows().length === 10 && paper.rows()[0]?.length === 40 ? true : null,
  );
  window.columns = 120;
  window.rows = 40;
  window.emit('resize');
  await poll('120 columns', 3000, () =>
    paper.rows().length === 40 && paper.rows()[0]?.length === 120 ? true : null,
  );
});

test('a terminal that takes nothing is not drawn on, the client is not asked, and no event waits', async (t) => {
  const made = stage(t);
  const { paper, tui } = made;
  await shows(paper, /Downloading from/);
  paper.room = 0;
  made.answer = async () => detailsOf(CONTENT, { peers: [peerOf({ endpoint: '10.9.8.7:6' })] });
  await new Promise((resolve) => setTimeout(resolve, 1200));
  const asked = made.asked;
  for (let i = 0; i < 50_000; i++) {
    const event = { event: 'piece-verified', time, infoHash: CONTENT.infoHashHex, piece: i } as const;
    assert.equal(tui.onEvent(event), undefined);
  }
  await new Promise((resolve) => setTimeout(resolve, 1200));
  assert.equal(made.asked, asked);
  paper.room = Number.POSITIVE_INFINITY;
  await shows(paper, /10\.9\.8\.7:6/);
});

test('views that fail give the terminal back, and a plain output goes on', async (t) => {
  const made = stage(t);
  const { paper, tui, fallback } = made;
  await shows(paper, /Downloading from/);
  made.answer = async () => ({ ...detailsOf(CONTENT), peers: [null] }) as unknown as TorrentDetails;
  await poll('the fallback', 5000, () => (fallback.said.length > 0 ? true : null));
  assert.equal(paper.isAlternate, false);
  assert.match(fallback.said[0]!, /terminal UI failed and is closed; the download goes on; please report: /);
  tui.onEvent(stopped);
  tui.notice('stopping');
  tui.failure('x', 'failed');
  tui.finish();
  assert.deepEqual(fallback.events, ['stopped']);
  assert.deepEqual(fallback.said.slice(1), ['stopping', 'failed']);
  assert.equal(fallback.isFinished, true);
});

test('a client that closes while it is asked is no error', async (t) => {
  const made = stage(t);
  made.answer = () => Promise.reject(new ClientError('closed', 'the client is closed'));
  await poll('questions', 3000, () => (made.asked >= 2 ? true : null));
  assert.match(made.paper.screen(), /one\.bin/);
});

test('several torrents: a list, one of them, and back', async (t) => {
  const { paper, keyboard } = stage(t, [CONTENT, OTHER]);
  await shows(paper, /2 torrents[\s\S]*one\.bin[\s\S]*two\.bin/);
  keyboard.write('\u001b[B\r');
  await shows(paper, /╭─ two\.bin ─+ 2 of 2 ─╮/);
  keyboard.write('\u001b');
  await shows(paper, /2 torrents/);
});
