/**
 * Owns one run of the terminal UI: takes the client's events, asks it for details of what is looked at, draws, and turns
 * keys into wishes. It is an output of the download command like any other, and never makes it wait.
 *
 * Invariants: drawing never blocks (see the writer); nothing is asked or drawn while the terminal is behind; when the
 * views fail, the terminal is given back and a plain output goes on in their place.
 */
import { type Instance, render } from 'ink';
import { createElement as h } from 'react';
import type { Output } from '../cli/output.ts';
import { type Client, ClientError, type ClientEvent } from '../client/index.ts';
import { App } from './components/app.ts';
import type { Stage } from './components/stage.ts';
import { SessionModel } from './data/session-model.ts';
import { abilitiesOf, type Limits, type Steering, steeringOf } from './data/steering.ts';
import type { TorrentModel, TuiTorrent } from './data/torrent-model.ts';
import { firstState, onKey, type UiState, type Wish } from './data/ui-state.ts';
import { fulfil } from './fulfil-wish.ts';
import { type ScreenSize, scrollExtent } from './lines/layout.ts';
import { summaryLines } from './lines/summary.ts';
import type { Capabilities } from './terminal/capabilities.ts';
import { FrameStream } from './terminal/frame-stream.ts';
import { RedrawPacer } from './terminal/redraw-pacer.ts';
import { Rescue } from './terminal/rescue.ts';
import { Screen } from './terminal/screen.ts';
import { Sheet } from './terminal/sheet.ts';
import { type Terminal, TerminalWriter } from './terminal/terminal-writer.ts';
import { toAscii } from './text/ascii.ts';

/** Between two looks at the torrent that is shown. */
const DETAILS_INTERVAL_MS = 500;

/** Events that change nothing which the next look at the details does not show; some come by thousands a second. */
const SEEN_LATER: ReadonlySet<string> = new Set([
  'piece-verified',
  'progress',
  'peer-connected',
  'peer-disconnected',
]);

export interface TuiOptions {
  readonly client: Client;
  readonly torrents: readonly TuiTorrent[];
  /** With which the client started. */
  readonly limits: Limits;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  /** Where errors go besides, when it is no terminal. */
  readonly stderr: NodeJS.WriteStream;
  /** The terminal of `stdout`. */
  readonly terminal: Terminal;
  readonly capabilities: Capabilities;
  /** The person wants to leave; called again when they insist. */
  readonly onQuit: () => void;
  /** What goes on when the views fail. */
  readonly fallback: Output;
}

export class TuiOutput implements Output {
  readonly #options: TuiOptions;
  readonly #session: SessionModel;
  readonly #steering: Steering;
  readonly #sheet = new Sheet();
  readonly #screen: Screen;
  readonly #pacer: RedrawPacer;
  readonly #rescue: Rescue;
  readonly #ink: Instance;
  readonly #poll: NodeJS.Timeout;
  readonly #onResize = (): void => this.#repaint();
  #ui: UiState;
  #isAsking = false;
  #hasFailed = false;
  #isFinished = false;

  /** Takes the terminal and draws. */
  constructor(options: TuiOptions) {
    this.#options = options;
    this.#session = new SessionModel(options.torrents, options.limits);
    this.#steering = steeringOf(options.client);
    this.#ui = firstState(options.torrents.length);
    this.#screen = new Screen(
      new TerminalWriter(options.terminal.writeSome, () => this.#pacer.request(true)),
    );
    this.#pacer = new RedrawPacer(() => this.#draw(), {
      now: () => performance.now(),
      cost: () => threadMilliseconds(),
      after(ms, action) {
        const timer = setTimeout(action, ms);
        return () => clearTimeout(timer);
      },
    });
    this.#rescue = new Rescue({ leave: () => this.#leave(), enter: () => this.#enter() });
    this.#screen.enter();
    this.#ink = this.#startInk();
    this.#poll = setInterval(() => void this.#askDetails(), DETAILS_INTERVAL_MS);
    options.stdout.on('resize', this.#onResize);
    void this.#askDetails();
  }

  onEvent(event: ClientEvent): Promise<void> | undefined {
    if (this.#hasFailed) return this.#options.fallback.onEvent(event);
    this.#session.onEvent(event);
    if (!SEEN_LATER.has(event.event)) this.#pacer.request(false);
    return undefined;
  }

  notice(sentence: string): void {
    if (this.#hasFailed) {
      this.#options.fallback.notice(sentence);
      return;
    }
    this.#session.notice = sentence;
    this.#session.isClosing = true;
    this.#pacer.request(true);
  }

  failure(code: string, sentence: string): void {
    if (this.#hasFailed) this.#options.fallback.failure(code, sentence);
    else this.#session.errors.push(sentence);
  }

  finish(): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    if (this.#hasFailed) {
      this.#options.fallback.finish();
      return;
    }
    this.#stop();
    const lines = summaryLines(this.#session);
    this.#screen.leave(lines.map(({ text }) => text).join(''));
    this.#options.terminal.close();
    const { stderr } = this.#options;
    if (!stderr.isTTY) for (const { text, isError } of lines) if (isError) stderr.write(text);
  }

  #startInk(): Instance {
    const { hasUnicode } = this.#options.capabilities;
    const frames = new FrameStream((numbers) => {
      if (this.#isFinished) return;
      const frame = this.#sheet.resolve(numbers);
      this.#screen.draw(hasUnicode ? frame : toAscii(frame));
    });
    const ink = render(h(App, { stage: this.#stage(), onKey: this.#onKey }), {
      stdout: frames,
      stdin: this.#options.stdin,
      debug: true,
      interactive: true,
      exitOnCtrlC: false,
      patchConsole: false,
      isScreenReaderEnabled: false,
    });
    // Resolves when it is unmounted; rejects when a view threw.
    ink.waitUntilExit().catch((error: unknown) => this.#onViewFailed(error));
    return ink;
  }

  #draw(): void {
    // Behind a terminal that is not read, what would be drawn is old before it is seen.
    if (this.#screen.isBehind || !this.#screen.isEntered) return;
    this.#sheet.clear();
    this.#ink.rerender(h(App, { stage: this.#stage(), onKey: this.#onKey }));
  }

  #stage(): Stage {
    const { stdin, capabilities } = this.#options;
    return {
      session: this.#session,
      ui: this.#ui,
      abilities: abilitiesOf(this.#steering),
      size: this.#size(),
      sheet: this.#sheet,
      hasColors: capabilities.hasColors,
      hasKeys: stdin.isTTY === true,
    };
  }

  #size(): ScreenSize {
    const { columns, rows } = this.#options.stdout;
    return { columns: columns || 80, rows: rows || 24 };
  }

  get #torrent(): TorrentModel {
    return this.#session.torrents[this.#ui.torrent]!;
  }

  async #askDetails(): Promise<void> {
    if (this.#isAsking || this.#screen.isBehind) return;
    // A client that says goodbye is not asked any more; what it does comes as events.
    if (this.#session.isClosing) {
      this.#pacer.request(false);
      return;
    }
    this.#isAsking = true;
    const torrent = this.#torrent;
    try {
      const details = await this.#options.client.details(torrent.infoHash);
      if (details !== null) torrent.onDetails(details);
      this.#pacer.request(false);
    } catch (error) {
      // The client closed or died meanwhile, which its events say.
      if (!(error instanceof ClientError)) throw error;
    } finally {
      this.#isAsking = false;
    }
  }

  readonly #onKey = (key: string): void => {
    const abilities = abilitiesOf(this.#steering);
    const extent = scrollExtent(this.#session, this.#ui, abilities, this.#size());
    const context = { abilities, torrentCount: this.#session.torrents.length, ...extent };
    // A complaint has been read when the next key is pressed; what concerns the goodbye stays.
    if (!this.#session.isClosing) this.#session.notice = null;
    const before = this.#ui;
    const { state, wish } = onKey(before, key, context);
    this.#ui = state;
    if (state.torrent !== before.torrent || state.isList !== before.isList) void this.#askDetails();
    if (wish !== null) this.#onWish(wish);
    this.#pacer.request(true);
  };

  #onWish(wish: Wish): void {
    if (wish.kind === 'quit') this.#options.onQuit();
    else if (wish.kind === 'suspend') this.#rescue.suspend();
    else if (wish.kind === 'repaint') this.#repaint();
    else
      void fulfil(wish, this.#steering, this.#session, this.#ui).then((complaint) => {
        this.#session.notice = complaint;
        return this.#askDetails();
      });
  }

  #repaint(): void {
    this.#screen.invalidate();
    this.#pacer.request(true);
  }

  #enter(): void {
    if (this.#isFinished || this.#hasFailed || this.#screen.isEntered) return;
    if (this.#options.stdin.isTTY) this.#options.stdin.setRawMode(true);
    this.#screen.enter();
    this.#pacer.request(true);
  }

  #leave(): void {
    if (!this.#screen.isEntered) return;
    this.#screen.leave();
    if (this.#options.stdin.isTTY) this.#options.stdin.setRawMode(false);
  }

  #stop(): void {
    this.#pacer.stop();
    clearInterval(this.#poll);
    this.#options.stdout.off('resize', this.#onResize);
    this.#ink.unmount();
    this.#rescue.end();
  }

  #onViewFailed(error: unknown): void {
    if (this.#isFinished || this.#hasFailed) return;
    this.#hasFailed = true;
    this.#stop();
    this.#screen.leave();
    this.#options.terminal.close();
    const reason = error instanceof Error ? error.message : String(error);
    const { fallback } = this.#options;
    fallback.notice(
      `spate: the terminal UI failed and is closed; the download goes on; please report: ${reason}`,
    );
    for (const torrent of this.#session.torrents) {
      for (const { sentence, isError } of torrent.outcome) {
        if (isError) fallback.failure('error', sentence);
        else fallback.notice(`${torrent.name}: ${sentence}`);
      }
    }
  }
}

function threadMilliseconds(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
