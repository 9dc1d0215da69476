/** Owns the mapping of Node's socket errors to the failures of the ports. */
import type { Failure, FailureCode } from '../ports/failure.ts';

const CODES: ReadonlyMap<string, FailureCode> = new Map([
  ['ECONNREFUSED', 'refused'],
  ['ECONNRESET', 'reset'],
  ['ECONNABORTED', 'reset'],
  ['EPIPE', 'reset'],
  ['ENOTCONN', 'reset'],
  ['ETIMEDOUT', 'timeout'],
  ['EHOSTUNREACH', 'unreachable'],
  ['ENETUNREACH', 'unreachable'],
  ['EHOSTDOWN', 'unreachable'],
  ['ENETDOWN', 'unreachable'],
  ['EADDRINUSE', 'address-in-use'],
  ['EADDRNOTAVAIL', 'address-unavailable'],
  ['EACCES', 'access-denied'],
  ['EPERM', 'access-denied'],
  ['EMFILE', 'too-many-open-files'],
  ['ENFILE', 'too-many-open-files'],
  ['EAFNOSUPPORT', 'unsupported'],
]);

/** The failure that `error` is. `operation` is used where the error does not say what was tried. */
export function tcpFailure(error: NodeJS.ErrnoException, operation: string, detail: string): Failure {
  const code = CODES.get(error.code ?? '');
  if (code === undefined) {
    return { code: 'other', operation, detail: `${detail}: ${error.code ?? error.message}` };
  }
  return { code, operation: error.syscall ?? operation, detail };
}
