/**
 * Owns a scripted seed: a program of the simulated world that has a whole torrent and serves it as its behaviour says. It
 * speaks real messages through the simulated transport, judges how the other side keeps to the protocol, and makes no
 * policy: everybody who is interested is unchoked.
 */
import { Timer, type TimerOwner } from '../base/timer-queue.ts';
import type {
  Connection,
  ConnectionHandler,
  Listener,
  ListenHandler,
  ListenResult,
} from '../ports/transport.ts';
import type { Network } from './network.ts';
import type { SeedBehaviour } from './seed-behaviour.ts';
import { SeedConnection } from './seed-connection.ts';
import type { SimHost } from './sim-host.ts';
import type { SimTorrent } from './sim-torrent.ts';
import { SimTransport } from './sim-transport.ts';

export class ScriptedSeed implements ListenHandler, ListenResult, TimerOwner {
  readonly network: Network;
  readonly host: SimHost;
  readonly torrent: SimTorrent;
  readonly behaviour: SeedBehaviour;
  readonly peerId: Uint8Array;
  /** What the others did that the protocol does not allow, in words. */
  readonly complaints: string[] = [];
  sentBlocks = 0;
  corruptBlocks = 0;
  acceptedConnections = 0;
  #isDead = false;
  readonly #death = new Timer(this);
  #listener: Listener | null = null;

  constructor(
    network: Network,
    host: SimHost,
    torrent: SimTorrent,
    peerId: Uint8Array,
    behaviour: SeedBehaviour,
  ) {
    this.network = network;
    this.host = host;
    this.torrent = torrent;
    this.peerId = peerId;
    this.behaviour = behaviour;
  }

  /** It died as its behaviour says. */
  get isDead(): boolean {
    return this.#isDead;
  }

  listen(port: number): void {
    new SimTransport(this.network, this.host).listen({ address: '::', port }, this, this);
  }

  /** Stops accepting; connections live on. */
  stopListening(): void {
    this.#listener?.close();
  }

  onListening(listener: Listener): void {
    this.#listener = listener;
  }

  onListenFailed(): void {
    this.complaints.push('the port is taken');
  }

  onAccepted(connection: Connection): ConnectionHandler {
    this.acceptedConnections++;
    return new SeedConnection(this, connection);
  }

  /** One more block goes out; whether it is to be wrong. */
  countBlock(): boolean {
    this.sentBlocks++;
    if (this.sentBlocks >= this.behaviour.diesAfterBlocks) {
      this.network.scheduler.schedule(this.#death, this.network.scheduler.now);
    }
    const { corruptOneIn } = this.behaviour;
    const isCorrupt = corruptOneIn > 0 && this.sentBlocks % corruptOneIn === 0;
    if (isCorrupt) this.corruptBlocks++;
    return isCorrupt;
  }

  complain(what: string): void {
    this.complaints.push(`${this.host.name}: ${what}`);
  }

  onTimer(): void {
    if (this.#isDead) return;
    this.#isDead = true;
    if (this.behaviour.death === 'vanished') this.host.vanish();
    else this.host.killPrograms();
  }
}
