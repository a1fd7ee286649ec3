import type { WebSocket } from "ws";

import type { User } from "../phoenix/user.ts";

/** One read of the network. What arrives at once does not wait. */
const freeBytes = 65_536;

/**
 * The bytes since the last frame. Where they are many, the frame that they begin counts as bytes that its user has waiting. While the
 * user sends more than may be read, the connection is paused again and again.
 */
export class ArrivingFrame {
  readonly #webSocket: WebSocket;
  readonly #user: User;
  readonly #frameCost: number;
  #bytes = 0;
  #held = 0;
  /** What was read of a large frame, but for its end. */
  #chunks: Buffer[] = [];

  constructor(webSocket: WebSocket, user: User, frameCost: number) {
    this.#webSocket = webSocket;
    this.#user = user;
    this.#frameCost = frameCost;
  }

  /** False if the user has too much waiting. */
  add(chunk: Buffer): boolean {
    this.#spend(chunk.length);
    this.#bytes += chunk.length;
    if (this.#bytes <= freeBytes) return true;
    if (!this.#user.hold(chunk.length)) return false;
    this.#held += chunk.length;
    this.#chunks.push(chunk);
    return true;
  }

  /** A frame is complete; its bytes come to `add` before or after. */
  arrived(): void {
    this.#spend(this.#frameCost);
    this.ended();
  }

  /** Call when the frame has been read. Nobody keeps it or what it came in, and the garbage collector would first leave 64 MB of them. */
  free(frame: Buffer): void {
    if (frame.length > freeBytes) give(frame);
    for (const chunk of this.#chunks) give(chunk);
    this.#chunks = [];
  }

  ended(): void {
    this.#bytes = 0;
    if (this.#held > 0) this.#user.release(this.#held);
    this.#held = 0;
  }

  /** A ping does not end a frame that comes in fragments. */
  pinged(): void {
    this.#spend(this.#frameCost);
  }

  #spend(bytes: number): void {
    const pauseMs = this.#user.readMs(bytes);
    if (pauseMs === 0 || this.#webSocket.isPaused) return;
    this.#webSocket.pause();
    setTimeout(() => this.#webSocket.resume(), pauseMs);
  }
}

/** Memory that is shared with other buffers is left alone. */
function give({ buffer, byteLength }: Buffer): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}
