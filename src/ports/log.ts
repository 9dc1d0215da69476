/** The seam to the log. `context` is plain data; secrets (passkeys) are removed by whoever logs. */
export interface Log {
  debug(message: string, context?: Readonly<Record<string, unknown>>): void;
  info(message: string, context?: Readonly<Record<string, unknown>>): void;
  warn(message: string, context?: Readonly<Record<string, unknown>>): void;
}
