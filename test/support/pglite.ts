import { Duplex } from "node:stream";
import { PGlite } from "@electric-sql/pglite";

/** Postgres in this process, in memory. It has one session, which its connections share. */
export class InProcessPostgres {
  readonly #database = new PGlite();

  /** What `pg` takes as `stream`: a connection that speaks Postgres' protocol. Use one at a time. */
  readonly stream = () => new Connection(this.#database);

  async close(): Promise<void> {
    await this.#database.close();
  }
}

/** The first message of a connection has no type. */
const startupHeader = 4;
const header = 5;

class Connection extends Duplex {
  readonly #database: PGlite;
  #isStarted = false;
  #rest = Buffer.alloc(0);

  constructor(database: PGlite) {
    super();
    this.#database = database;
  }

  /** As those of a socket. */
  connect(): this {
    queueMicrotask(() => this.emit("connect"));
    return this;
  }
  setNoDelay(): void {}
  setKeepAlive(): void {}
  ref(): void {}
  unref(): void {}

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    this.#answer().then(() => done(), done);
  }

  override _final(done: () => void): void {
    this.push(null);
    done();
  }

  async #answer(): Promise<void> {
    for (let message = this.#next(); message; message = this.#next()) {
      if (String.fromCharCode(message[0] ?? 0) === "X") return void this.push(null);
      await this.#database.waitReady;
      const answer = await this.#database.execProtocolRaw(message);
      this.push(Buffer.from(answer));
    }
  }

  #next(): Buffer | undefined {
    const size = this.#isStarted ? header : startupHeader;
    if (this.#rest.length < size) return;
    const length = this.#rest.readUInt32BE(size - 4) + size - 4;
    if (this.#rest.length < length) return;
    const message = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    this.#isStarted = true;
    return message;
  }
}
