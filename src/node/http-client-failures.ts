/** Owns the mapping of what can go wrong in one HTTP GET on Node to the failures of the ports. */
import type { Failure } from '../ports/failure.ts';
import { tcpFailure } from './tcp-errors.ts';

/** A failure on its way out of the request. */
export class HttpFailure extends Error {
  readonly failure: Failure;

  constructor(code: Failure['code'], detail: string) {
    super(`${code} ${detail}`);
    this.failure = { code, operation: 'get', detail };
  }
}

const TLS_CODE =
  /^(?:CERT_|ERR_TLS|ERR_SSL|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_MISMATCH|INVALID_CA|EPROTO)/;
/** undici's HTTP parser, and zlib. */
const ANSWER_CODE = /^(?:HPE_|UND_ERR_HEADERS_OVERFLOW|Z_)/;
/** Closed before or within the body. */
const CLOSED_CODE = /^UND_ERR_(?:SOCKET|RES_CONTENT_LENGTH_MISMATCH)$/;
const TIMEOUT_CODE = /^UND_ERR_(?:CONNECT|HEADERS|BODY)_TIMEOUT$/;

/** The failure that `error` is. `host` is the only part of the URL that a failure may name. */
export function httpFailure(error: unknown, host: string): Failure {
  const cause = innermost(error);
  if (cause instanceof HttpFailure) return cause.failure;
  const code = codeOf(cause);
  const message = cause instanceof Error ? cause.message : String(cause);
  if (TLS_CODE.test(code)) return { code: 'tls', operation: 'get', detail: reasonOf(cause) ?? message };
  if (TIMEOUT_CODE.test(code)) return { code: 'timeout', operation: 'get', detail: host };
  if (ANSWER_CODE.test(code) || isParserError(cause))
    return { code: 'bad-answer', operation: 'get', detail: message };
  if (CLOSED_CODE.test(code)) return { code: 'closed', operation: 'get', detail: host };
  if (code === 'ENOTFOUND' || code === 'ENODATA')
    return { code: 'not-found', operation: 'resolve', detail: host };
  if (code === 'EAI_AGAIN') return { code: 'unreachable', operation: 'resolve', detail: host };
  return tcpFailure(Object.assign(new Error(message), { code }), 'get', host);
}

/** Node wraps the failures of all addresses of a name in one error; the first one speaks for all. */
function innermost(error: unknown): unknown {
  let inner = error;
  while (inner instanceof AggregateError && inner.errors.length > 0) inner = inner.errors[0];
  if (inner instanceof Error && inner.cause instanceof Error && codeOf(inner) === '') return inner.cause;
  return inner;
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

/** undici's parser error has a code only for some faults. */
function isParserError(error: unknown): boolean {
  return error instanceof Error && error.name === 'HTTPParserError';
}

/** OpenSSL's words without its file names and addresses. */
function reasonOf(error: unknown): string | null {
  return error instanceof Error && 'reason' in error && typeof error.reason === 'string'
    ? error.reason
    : null;
}
