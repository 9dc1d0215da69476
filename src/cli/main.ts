/**
 * The command's entry. Owns how the program ends: every outcome becomes an exit code and at most one
 * sentence, and what was written is out before it exits.
 *
 * What a command needs is loaded by the command: `spate -V` and `--help` load the parser of the command line
 * only.
 */
import { CommanderError } from 'commander';
import { InputError } from '../base/input-error.ts';
import { ClientError } from '../client/client-error.ts';
import { packageVersion } from '../client/version.ts';
import { EXIT_DONE, EXIT_FAILED, EXIT_USAGE } from './exit-codes.ts';
import { type Actions, createProgram } from './program.ts';
import { TextStream } from './text-stream.ts';
import type { World } from './world.ts';

/**
 * Time for a reader to take what is left after a stop was asked for; without a stop it gets all the time it
 * wants.
 */
const LAST_FLUSH_MS = 1000;

const stdout = new TextStream(process.stdout);
const stderr = new TextStream(process.stderr);

const world: World = {
  stdin: process.stdin,
  stdout,
  stderr,
  signals: process,
  exitNow: (code) => process.exit(code),
  now: () => performance.now(),
  createClient: async (options) => (await import('../client/index.ts')).createClient(options),
  loadUi: async () => (await import('../tui/open-tui.ts')).loadTui(),
};

async function main(): Promise<number> {
  let code: number = EXIT_DONE;
  const actions: Actions = {
    async download(torrents, raw) {
      const [{ downloadOptions }, { download }] = await Promise.all([
        import('./options.ts'),
        import('./download-command.ts'),
      ]);
      code = await download(downloadOptions(torrents, raw), world);
    },
    async seed(torrents, raw) {
      await actions.download(torrents, { ...raw, seed: true });
    },
    async demo(raw) {
      const { demo } = await import('./demo-command.ts');
      code = await demo(raw, world);
    },
    async show(torrent, options) {
      const { show } = await import('./show-command.ts');
      code = await show(torrent, options.json === true, world);
    },
    async create(path, raw) {
      const [{ createOptions }, { create }] = await Promise.all([
        import('./create-options.ts'),
        import('./create-command.ts'),
      ]);
      code = await create(createOptions(path, raw), world);
    },
    async check(torrent, raw) {
      const { check } = await import('./check-command.ts');
      code = await check(torrent, raw, world);
    },
  };
  try {
    await createProgram(packageVersion(), actions).parseAsync(process.argv);
    return code;
  } catch (error) {
    return report(error);
  }
}

/** One sentence for what ended the program; its exit code. */
function report(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT_DONE;
    void stderr.write(`${usageSentence(error)}\n`);
    return EXIT_USAGE;
  }
  if (error instanceof InputError || error instanceof ClientError) {
    void stderr.write(`spate: ${error.message.replaceAll(/\s+/g, ' ')}\n`);
    return error instanceof InputError ? EXIT_USAGE : EXIT_FAILED;
  }
  // A bug of ours: here, and only here, the stack is what a report needs.
  const stack = error instanceof Error ? error.stack : String(error);
  void stderr.write(`spate: this is a bug in spate, please report it: ${stack}\n`);
  return EXIT_FAILED;
}

function usageSentence(error: CommanderError): string {
  if (error.code === 'commander.missingArgument') {
    const what = error.message.includes("'path'") ? 'path' : 'torrent';
    return `spate: no ${what} is given (see 'spate --help')`;
  }
  const message = error.message.replace(/^error: /, '').replaceAll(/\s+/g, ' ');
  return `spate: ${message} (see 'spate --help')`;
}

/**
 * Exits when both outputs are out. `exit` and not the natural end, because a stray handle must not keep it
 * alive.
 */
async function exit(code: number): Promise<never> {
  const flushed = Promise.all([stdout.flush(), stderr.flush()]);
  if (code > 128) setTimeout(() => process.exit(code), LAST_FLUSH_MS);
  await flushed;
  process.exit(code);
}

await exit(await main());
