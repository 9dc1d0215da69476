/**
 * The terminal UI's entry: loads Ink and React, which nothing else of the program does.
 */
import type { Output } from '../cli/output.ts';
import { capabilitiesOf } from './terminal/capabilities.ts';
import type { TuiOptions } from './tui-output.ts';

/** What the command hands over; the rest is the process's own. */
export type TuiRequest = Pick<TuiOptions, 'client' | 'torrents' | 'limits' | 'onQuit' | 'fallback'>;

/** Takes the terminal and shows the run on it. */
export type OpenTui = (request: TuiRequest) => Output;

/**
 * Loads what the views need, which takes a quarter of a second: time in which other things can start. Null when the
 * terminal of this process is none that views can be painted on.
 */
export async function loadTui(): Promise<OpenTui | null> {
  const { stdin, stdout, stderr } = process;
  const capabilities = capabilitiesOf(process.env);
  if (!stdout.isTTY || !capabilities.hasScreen) return null;
  // React reads this when it is loaded; its development build keeps records of every drawing.
  process.env['NODE_ENV'] ??= 'production';
  const [{ TuiOutput }, { openTerminal }] = await Promise.all([
    import('./tui-output.ts'),
    import('./terminal/terminal-writer.ts'),
  ]);
  return (request) =>
    new TuiOutput({ ...request, stdin, stdout, stderr, terminal: openTerminal(), capabilities });
}
