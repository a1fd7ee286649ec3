import { Acknowledgements } from "./acknowledgements.ts";
import type { Congestion } from "./congestion.ts";
import type { SocketLimits } from "./limits.ts";
import type { Encoded } from "./serializer.ts";
import type { Transport } from "./transport.ts";

/** The outgoing half of a socket: how much may wait for a client that reads slowly, and what it has read. */
export class Outlet {
  readonly #transport: Transport;
  readonly #limits: SocketLimits;
  readonly #congestion: Congestion;
  /** Bytes of a frame that was let through although it does not fit into the backlog. */
  #oversize = 0;
  #acknowledgements: Acknowledgements | undefined;
  #resumes: (() => void)[] | undefined;

  constructor(transport: Transport, limits: SocketLimits, congestion: Congestion) {
    this.#transport = transport;
    this.#limits = limits;
    this.#congestion = congestion;
  }

  get congested(): boolean {
    return this.#transport.bufferedBytes > this.#limits.congestedBytes;
  }

  /** False, with nothing sent, when the backlog is full. A client that keeps up is sent a frame of any size. */
  send(data: Encoded, acknowledged?: () => void): boolean {
    const { congestedBytes, backlogBytes, acknowledgements } = this.#limits;
    const bytes = this.#transport.bufferedBytes + data.length;
    if (bytes - data.length <= congestedBytes) this.#oversize = bytes > backlogBytes ? data.length : 0;
    else if (bytes > backlogBytes + this.#oversize) return false;
    this.#transport.send(data);
    if (acknowledged) {
      this.#acknowledgements ??= new Acknowledgements(acknowledgements);
      this.#acknowledgements.await(acknowledged);
    }
    return true;
  }

  /** The client asked again, so it has read the answer before, and what was sent before that. */
  asked(failed: (error: unknown) => void): void {
    this.#acknowledgements?.asked(failed);
  }

  answered(): void {
    this.#acknowledgements?.answered();
  }

  whenWritable(resume: () => void): void {
    this.#resumes ??= [];
    this.#resumes.push(resume);
    this.#congestion.watch(this);
  }

  /** Returns those who waited for the client to read on. */
  takeResumes(): (() => void)[] {
    return this.#resumes?.splice(0) ?? [];
  }

  end(): void {
    this.#congestion.forget(this);
    this.#resumes = undefined;
    this.#acknowledgements = undefined;
  }
}
