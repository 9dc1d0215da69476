/**
 * Owns the door to the demonstration, which few ever open: what it needs is loaded when they do.
 */
import type { DemoSwarm } from './demo-swarm.ts';

export type { DemoSwarm };

/** A small swarm on loopback to download from. Rejects when the machine gives no folder or no port. */
export async function startDemoSwarm(): Promise<DemoSwarm> {
  const swarm = await import('./demo-swarm.ts');
  return swarm.startDemoSwarm();
}
