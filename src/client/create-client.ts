/**
 * Owns how a client comes into being: options checked, host chosen, and the wait until the engine listens.
 */
import type { Client, ClientOptions } from './api.ts';
import { hostSettings } from './check-options.ts';
import { ClientError } from './client-error.ts';
import type { HostSettings } from './host-messages.ts';
import type { LinkedClient } from './linked-client.ts';

/**
 * Loading and listening take some 0.1 s; a machine that is so busy that this passes could not download
 * either.
 */
const START_TIMEOUT_MS = 15_000;

/**
 * A running client. Rejects with `InputError` for bad options, and with `ClientError` when the engine cannot
 * listen: its code is the failure's (`address-in-use`, …), its message a sentence.
 */
export async function createClient(options: ClientOptions = {}): Promise<Client> {
  const client = await openClient(options.host ?? 'worker', hostSettings(options));
  try {
    await within(client.started, START_TIMEOUT_MS);
  } catch (error) {
    await client.close();
    throw error;
  }
  return client;
}

async function within(started: Promise<void>, timeoutMs: number): Promise<void> {
  const { promise, reject } = Promise.withResolvers<void>();
  const late = new ClientError('timeout', `the engine did not start within ${timeoutMs / 1000} s`);
  const timer = setTimeout(() => reject(late), timeoutMs);
  await Promise.race([started, promise]).finally(() => clearTimeout(timer));
}

/** Loads what the host needs only now, so that a program that only reads torrents stays light. */
async function openClient(host: 'worker' | 'thread', settings: HostSettings): Promise<LinkedClient> {
  if (host === 'worker') {
    const { openWorkerClient } = await import('./worker-client.ts');
    return openWorkerClient(settings);
  }
  const [{ openThreadClient }, { createEngine }] = await Promise.all([
    import('./thread-client.ts'),
    import('./node-engine.ts'),
  ]);
  return openThreadClient(settings, createEngine);
}
