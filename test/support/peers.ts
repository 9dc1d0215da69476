/**
 * Owns the knowledge of which other programs this machine has for the interop tests, and the rule for the missing: the
 * test is skipped and names the Debian package, unless SPATE_REQUIRE_INTEROP=1, which makes it fail.
 */
import { execFileSync } from 'node:child_process';

interface OtherProgram {
  readonly command: string;
  readonly parameters: readonly string[];
  readonly debianPackage: string;
}

const PROGRAMS = {
  aria2: { command: 'aria2c', parameters: ['--version'], debianPackage: 'aria2' },
  transmission: {
    command: 'transmission-daemon',
    parameters: ['--version'],
    debianPackage: 'transmission-daemon',
  },
  transmissionTools: {
    command: 'transmission-show',
    parameters: ['--version'],
    debianPackage: 'transmission-cli',
  },
  libtorrent: {
    // Debian's module belongs to Debian's interpreter, which need not be the first on the path.
    command: '/usr/bin/python3',
    parameters: ['-c', 'import libtorrent'],
    debianPackage: 'python3-libtorrent',
  },
  opentracker: {
    // It has no way to be asked for nothing: help is its shortest answer, with exit code 0.
    command: 'opentracker',
    parameters: ['-h'],
    debianPackage: 'opentracker',
  },
} as const satisfies Record<string, OtherProgram>;

export type PeerProgram = keyof typeof PROGRAMS;

/** Path or name under which a program is started; throws, naming the package, when it is missing. */
export function commandOf(program: PeerProgram): string {
  if (!isPresent(PROGRAMS[program])) throw new Error(describeMissing([program]));
  return PROGRAMS[program].command;
}

/**
 * Options for a test that needs `programs`: `skip` carries the reason when one is missing. With SPATE_REQUIRE_INTEROP=1
 * nothing is skipped; the test then fails at the start of the missing program.
 */
export function needs(...programs: PeerProgram[]): { skip: string | false } {
  if (process.env['SPATE_REQUIRE_INTEROP'] === '1') return { skip: false };
  const missing = programs.filter((program) => !isPresent(PROGRAMS[program]));
  if (missing.length === 0) return { skip: false };
  return { skip: describeMissing(missing) };
}

function describeMissing(missing: readonly PeerProgram[]): string {
  const packages = missing.map((program) => PROGRAMS[program].debianPackage).join(' ');
  return `not installed: ${missing.join(', ')} (apt-get install ${packages})`;
}

const known = new Map<OtherProgram, boolean>();

function isPresent(program: OtherProgram): boolean {
  let present = known.get(program);
  if (present === undefined) {
    present = answers(program);
    known.set(program, present);
  }
  return present;
}

function answers(program: OtherProgram): boolean {
  try {
    execFileSync(program.command, program.parameters, { stdio: 'ignore', timeout: 20_000 });
    return true;
  } catch {
    return false;
  }
}
