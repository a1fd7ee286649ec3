import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/** Listens on a free port, and prints the same line as the server under test. */
export function listening(server: Server): void {
  server.listen(0, "127.0.0.1", () => {
    process.stdout.write(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
  });
}
