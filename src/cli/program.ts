/**
 * Owns the grammar of the command line and its help. What the commands do comes in from outside, so that
 * asking for the version or for help loads nothing else.
 */
import { Command, Option } from 'commander';
import type { RawCheckOptions } from './check-command.ts';
import type { RawCreateOptions } from './create-options.ts';
import type { RawDemoOptions } from './demo-command.ts';
import type { RawDownloadOptions } from './options.ts';

export interface Actions {
  download(torrents: readonly string[], options: RawDownloadOptions): Promise<void>;
  seed(torrents: readonly string[], options: RawDownloadOptions): Promise<void>;
  demo(options: RawDemoOptions): Promise<void>;
  show(torrent: string, options: { readonly json?: boolean }): Promise<void>;
  create(path: string, options: RawCreateOptions): Promise<void>;
  check(torrent: string, options: RawCheckOptions): Promise<void>;
}

/** Help is laid out for this width, and for less where the terminal is narrower. */
const HELP_COLUMNS = 80;

const HELP_END = `
'spate TORRENT' is short for 'spate download TORRENT'; for the options of a
command see 'spate COMMAND --help'.`;

/** The parser. It throws `CommanderError` instead of exiting, and writes only help and the version. */
export function createProgram(version: string, actions: Actions): Command {
  const program = withCommonOptions(new Command('spate'), version)
    .description('A BitTorrent client.')
    .usage('[command] [options] TORRENT...')
    .addHelpText('after', HELP_END)
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeErr: () => undefined,
      getOutHelpWidth: () => Math.min(HELP_COLUMNS, process.stdout.columns || HELP_COLUMNS),
    });
  addDownload(program, version, actions);
  addSeed(program, version, actions);
  addShow(program, version, actions);
  addCreate(program, version, actions);
  addCheck(program, version, actions);
  addDemo(program, version, actions);
  return program;
}

function addDownload(program: Command, version: string, actions: Actions): void {
  withCommonOptions(program.command('download', { isDefault: true }), version)
    .summary('get the files of torrents')
    .description('Get the files of torrents: .torrent files, http(s) URLs of them, or - for stdin.')
    .usage('[options] TORRENT...')
    .argument('<torrent...>')
    .option('-d, --dir <dir>', 'where the files go (default: the current folder)')
    .option('--select <files>', "numbers of 'spate show' (1,3-5) or a glob; repeatable", collect)
    .option('--peer <host:port>', 'a peer to connect to; repeatable', collect)
    .option('-p, --port <port>', 'N, the first free one of N-M, or 0 for any (default)')
    .option('--bind <address>', 'use only this local IP address')
    .option('--no-trackers', 'announce to no trackers')
    .option('--overwrite', 'replace files that exist and are something else')
    .option('--stall-timeout <time>', 'give up after so long without data, like 90s or 10m')
    .option('--state <dir>', 'where the state of downloads is remembered')
    .option('--max-down <rate>', 'limit in bytes a second, like 500k, 2M or 1Mi')
    .option('--max-up <rate>', 'the same for what is sent')
    .option('--seed', 'go on giving when everything is there')
    .option('--ratio <n>', 'seed until so many times the size was sent')
    .option('--seed-time <time>', 'seed for so long, like 30m')
    .option('--json', 'print events on stdout, one JSON object a line')
    .option('-q, --quiet', 'print nothing but errors')
    .option('--no-ui', 'print lines instead of views on the whole terminal')
    .action((torrents: string[], options: RawDownloadOptions) => actions.download(torrents, options));
}

function addSeed(program: Command, version: string, actions: Actions): void {
  withCommonOptions(program.command('seed'), version)
    .summary('give the files of torrents to others')
    .description('Check the files of torrents and give them to others; what is missing is fetched first.')
    .usage('[options] TORRENT...')
    .argument('<torrent...>')
    .option('-d, --dir <dir>', 'where the files are (default: the current folder)')
    .option('--peer <host:port>', 'a peer to connect to; repeatable', collect)
    .option('-p, --port <port>', 'N, the first free one of N-M, or 0 for any (default)')
    .option('--bind <address>', 'use only this local IP address')
    .option('--no-trackers', 'announce to no trackers')
    .option('--state <dir>', 'where the state of downloads is remembered')
    .option('--max-down <rate>', 'limit in bytes a second, like 500k, 2M or 1Mi')
    .option('--max-up <rate>', 'the same for what is sent')
    .option('--ratio <n>', 'stop when so many times the size was sent')
    .option('--seed-time <time>', 'stop after so long, like 30m')
    .option('--json', 'print events on stdout, one JSON object a line')
    .option('-q, --quiet', 'print nothing but errors')
    .option('--no-ui', 'print lines instead of views on the whole terminal')
    .action((torrents: string[], options: RawDownloadOptions) => actions.seed(torrents, options));
}

function addShow(program: Command, version: string, actions: Actions): void {
  withCommonOptions(program.command('show'), version)
    .summary('print what is in a torrent')
    .description(
      'Print what is in a torrent: a .torrent file, its http(s) URL, - for stdin, or a magnet link.',
    )
    .usage('[options] TORRENT')
    .argument('<torrent>')
    .option('--json', 'print one JSON object')
    .action((torrent: string, options: { readonly json?: boolean }) => actions.show(torrent, options));
}

function addCreate(program: Command, version: string, actions: Actions): void {
  withCommonOptions(program.command('create'), version)
    .summary('make a torrent of a file or folder')
    .description('Make a torrent of a file or folder.')
    .usage('[options] PATH')
    .argument('<path>')
    .option('-o, --out <file>', 'where it goes (default: NAME.torrent here), - for stdout')
    .option('--tracker <url>', 'a tracker; repeatable, each is a tier of its own', collect)
    .option('--web-seed <url>', 'an http(s) URL that has the files; repeatable', collect)
    .option('--piece-length <n>', 'bytes, like 256k or 1M, or auto (default)')
    .option('--private', 'peers only from the trackers')
    .option('--comment <text>', 'a text for people')
    .option('--source <text>', 'makes the info hash differ, as some trackers ask for')
    .option('--v1', 'for every client (default)')
    .option('--v2', 'for clients that know BitTorrent v2')
    .option('--hybrid', 'for both, though some older clients refuse it')
    .option('--no-date', 'no date, so that the same files give the same torrent')
    .option('--exclude <glob>', 'leave out files and folders of this name; repeatable', collect)
    .action((path: string, options: RawCreateOptions) => actions.create(path, options));
}

function addCheck(program: Command, version: string, actions: Actions): void {
  withCommonOptions(program.command('check'), version)
    .summary('verify data against a torrent')
    .description(
      'Verify data against a torrent: a .torrent file, its http(s) URL, or - for stdin. Exits 0 when all is complete, 1 when something is missing or bad.',
    )
    .usage('[options] TORRENT')
    .argument('<torrent>')
    .option('-d, --dir <dir>', 'where the data is (default: the current folder)')
    .option('--json', 'print one JSON object')
    .action((torrent: string, options: RawCheckOptions) => actions.check(torrent, options));
}

function withCommonOptions(command: Command, version: string): Command {
  return command
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .configureHelp({ argumentTerm: () => '', visibleArguments: () => [], visibleOptions });
}

function addDemo(program: Command, version: string, actions: Actions): void {
  withCommonOptions(program.command('demo'), version)
    .summary('watch a download without a network')
    .description('Make a small swarm on this machine and download from it, to see what it looks like.')
    .usage('[options]')
    .option('--json', 'print events on stdout, one JSON object a line')
    .option('-q, --quiet', 'print nothing but errors')
    .option('--no-ui', 'print lines instead of views on the whole terminal')
    .action((options: RawDemoOptions) => actions.demo(options));
}

/** `-V` works everywhere; it is listed once, because a screen is small. */
function visibleOptions(command: Command): Option[] {
  const all = command.options.filter((option) => !option.hidden);
  const listed = command.parent === null ? all : all.filter((option) => option.long !== '--version');
  return [...listed, new Option('-h, --help', 'print this help')];
}

function collect(value: string, all: readonly string[] = []): string[] {
  return [...all, value];
}
