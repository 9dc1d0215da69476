/**
 * Owns the closed list of ways in which the world says no, shared by all ports.
 *
 * A failure is a value, given to a handler. The code decides policy; `detail` is for people and is never compared.
 */

export const FAILURE_CODES = [
  'aborted', // we gave up ourselves: cancelled or closed
  'timeout',
  'refused', // connection refused
  'reset', // connection reset or broken pipe
  'closed', // the other side closed in good order
  'unreachable', // no route to host or network
  'address-in-use',
  'address-unavailable', // an address that this machine does not have
  'not-found', // name not resolved, or no such file or folder
  'access-denied', // EACCES, EPERM
  'disk-full', // ENOSPC, EDQUOT
  'read-only', // EROFS
  'io-error', // EIO and everything that says the device is ill
  'too-many-open-files', // EMFILE, ENFILE
  'file-too-large', // EFBIG: a limit of the file system or the process
  'name-too-long',
  'not-a-directory', // a file stands where a folder is needed
  'is-a-directory', // a folder stands where a file is needed
  'foreign-data', // a file of which nothing verifies stands where ours would go
  'changed', // a file is not what it was, changed behind our back
  'too-large', // an answer passed its size limit
  'bad-answer', // an answer that breaks its protocol
  'http-status', // an HTTP answer other than 200
  'too-many-redirects',
  'tls', // certificate or handshake
  'unsupported',
  'other',
] as const;

export type FailureCode = (typeof FAILURE_CODES)[number];

/** What failed. `operation` is a verb and its object ("write", "connect"); `detail` names the thing it failed on. */
export interface Failure {
  readonly code: FailureCode;
  readonly operation: string;
  readonly detail: string;
}
