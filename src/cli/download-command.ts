/**
 * Owns `spate download` from checked options to exit code: reads the torrents, opens a client, hands both to
 * a {@link DownloadRun}, and turns signals and readers that go away into one graceful stop.
 */
import { toHex } from '../base/text.ts';
import type { AddTorrentOptions, Client, Metainfo } from '../client/index.ts';
import { ClientError, InputError, stateFolder } from '../client/index.ts';
import type { OpenTui } from '../tui/open-tui.ts';
import { DownloadRun } from './download-run.ts';
import { EXIT_FAILED, EXIT_USAGE, type StopSignal, signalExitCode } from './exit-codes.ts';
import type { DownloadOptions } from './options.ts';
import type { Output } from './output.ts';
import { JsonOutput } from './output-json.ts';
import { LogOutput } from './output-log.ts';
import { ProgressLineOutput } from './output-progress-line.ts';
import { QuietOutput } from './output-quiet.ts';
import { ReplaceableOutput } from './replaceable-output.ts';
import { selectFiles } from './select-files.ts';
import { SignalGate } from './signals.ts';
import { TorrentNames } from './torrent-names.ts';
import { readTorrent } from './torrent-source.ts';
import type { World } from './world.ts';

interface Request {
  readonly infoHash: string;
  readonly metainfo: Metainfo;
  readonly options: AddTorrentOptions;
}

/** Runs the command; its exit code. What people must know is said when it returns. */
export async function download(options: DownloadOptions, world: World): Promise<number> {
  const names = new TorrentNames();
  const output = new ReplaceableOutput(createOutput(options, names, world));
  const stop = new StopRequest();
  const gate = new SignalGate(
    (signal) => {
      if (signal !== 'SIGPIPE') output.notice('stopping; press Ctrl+C again to exit at once');
      stop.request(signal);
    },
    (code) => world.exitNow(code),
    () => world.now(),
  );
  const unlisten = gate.listen(world.signals);
  // A reader that went away is no reason for a second, forced exit, so it does not pass the gate.
  world.stdout.onGone((error) => stop.onOutputGone(error, output));
  world.stderr.onGone((error) => stop.onOutputGone(error, output));
  try {
    const ui = loadUi(options, world);
    const openUi = async (client: Client, requests: readonly Request[]): Promise<void> =>
      showUi(options, await ui, output, { client, requests, onQuit: () => gate.onSignal('SIGINT') });
    return await downloadAll(options, world, names, output, stop, openUi);
  } catch (error) {
    return report(error, output);
  } finally {
    output.finish();
    unlisten();
  }
}

async function downloadAll(
  options: DownloadOptions,
  world: World,
  names: TorrentNames,
  output: Output,
  stop: StopRequest,
  openUi: (client: Client, requests: readonly Request[]) => Promise<void>,
): Promise<number> {
  // Nothing has been started, so a stop needs no grace: reading is simply not waited for.
  const requests = await Promise.race([readRequests(options, world, names), stop.requested]);
  if (typeof requests === 'string') return signalExitCode(requests);
  const client = await openClient(options, world, output);
  if (client === null) return EXIT_FAILED;
  await openUi(client, requests);
  const run = new DownloadRun(client, output, options.stallTimeoutMs);
  void stop.requested.then((signal) => run.stop(signal));
  const code = await run.run(requests);
  return stop.hasOutputFailed ? EXIT_FAILED : code;
}

/**
 * All torrents, read and checked, before anything starts: a slip in the last one must not leave half a run
 * behind.
 */
async function readRequests(options: DownloadOptions, world: World, names: TorrentNames): Promise<Request[]> {
  const requests: Request[] = [];
  for (const torrent of options.torrents) {
    const { label, bytes, metainfo } = await readTorrent(torrent, world.stdin, options.bindAddress);
    if (metainfo.infoHashV1 === null) {
      throw new InputError('v2-only', `${label} is a v2-only torrent, which cannot be downloaded yet`);
    }
    const infoHash = toHex(metainfo.infoHashV1);
    if (requests.some((request) => request.infoHash === infoHash)) {
      throw new InputError('duplicate', `${label} is given twice: torrent ${metainfo.name} (${infoHash})`);
    }
    names.add(infoHash, metainfo.name);
    const selectedFiles = selectFiles(metainfo, options.selections, label);
    const { directory, peers, useTrackers, overwrite, seed } = options;
    const add: AddTorrentOptions = {
      metainfo: bytes,
      directory,
      selectedFiles,
      peers,
      useTrackers,
      overwrite,
      seed,
    };
    requests.push({ infoHash, metainfo, options: add });
  }
  return requests;
}

async function openClient(options: DownloadOptions, world: World, output: Output): Promise<Client | null> {
  try {
    return await world.createClient({
      port: options.port,
      bindAddress: options.bindAddress,
      stateFolder: stateFolder(options.stateFolder),
      maxDownRate: options.maxDownRate,
      maxUpRate: options.maxUpRate,
    });
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    output.failure(error.code, error.message);
    return null;
  }
}

function createOutput(options: DownloadOptions, names: TorrentNames, world: World): Output {
  if (options.output === 'json') return new JsonOutput(world.stdout, world.stderr);
  if (options.output === 'quiet') return new QuietOutput(world.stderr);
  return world.stderr.columns === null
    ? new LogOutput(world.stderr, names)
    : new ProgressLineOutput(world.stderr, names);
}

/** Starts the loading of the views, where there is a terminal for them and the person did not ask for something else. */
function loadUi(options: DownloadOptions, world: World): Promise<OpenTui | null> {
  if (!options.wantsUi || world.stdout.columns === null) return Promise.resolve(null);
  const loading = world.loadUi?.() ?? Promise.resolve(null);
  // A failure is thrown where the views are opened, if it comes to that.
  loading.catch(() => undefined);
  return loading;
}

/** Goes on with the views, where there are any. */
function showUi(
  options: DownloadOptions,
  open: OpenTui | null,
  output: ReplaceableOutput,
  shown: { readonly client: Client; readonly requests: readonly Request[]; readonly onQuit: () => void },
): void {
  if (open === null) return;
  const { client, requests, onQuit } = shown;
  const torrents = requests.map(({ infoHash, metainfo, options: { selectedFiles = null } }) => {
    return { infoHash, metainfo, selectedFiles };
  });
  const { maxDownRate, maxUpRate } = options;
  const limits = { maxDownRate, maxUpRate };
  output.replace(open({ client, torrents, limits, onQuit, fallback: output.current }));
}

/** Says why the command failed, if a person or the world is the reason; a bug of ours is thrown on. */
function report(error: unknown, output: Output): number {
  if (!(error instanceof InputError || error instanceof ClientError)) throw error;
  output.failure(error.code, error.message);
  return error instanceof InputError ? EXIT_USAGE : EXIT_FAILED;
}

/** The wish to stop, whoever has it first. */
class StopRequest {
  readonly #requested = Promise.withResolvers<StopSignal>();
  /** An output failed in another way than by a reader that left. */
  hasOutputFailed = false;

  get requested(): Promise<StopSignal> {
    return this.#requested.promise;
  }

  request(signal: StopSignal): void {
    this.#requested.resolve(signal);
  }

  onOutputGone(error: NodeJS.ErrnoException, output: Output): void {
    if (error.code !== 'EPIPE') {
      this.hasOutputFailed = true;
      output.notice(`spate: cannot write the output: ${error.message}`);
    }
    this.request('SIGPIPE');
  }
}
