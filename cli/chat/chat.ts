import { conversation as join } from "../../packages/client/conversation.ts";
import { fail } from "../../src/settings/command-line.ts";
import { endWithReader } from "../closed-pipe.ts";
import { connect } from "./connection.ts";
import { dialogue } from "./dialogue.ts";
import { chatOptions } from "./options.ts";
import { screen } from "./screen.ts";

/** A chat in the terminal. */
async function main(): Promise<void> {
  const options = chatOptions(process.argv.slice(2), process.env);
  endWithReader();
  const shown = screen(process.stdout, process.stderr);
  const connection = connect(options, {
    lost: () => shown.note("connection lost, reconnecting …"),
    back: () => shown.note("reconnected"),
    over: fail,
  });
  await connection.opened;
  const conversation = join(connection.socket, options.conversation, { on: shown.listeners });
  await conversation.joined;
  shown.note(`conversation ${options.conversation}`);
  const { stdin: input, stdout, stderr } = process;
  const terminal = input.isTTY ? [stdout, stderr].find(({ isTTY }) => isTTY) : undefined; // answers may go to a file
  await dialogue(conversation, shown, { input, terminal, isConnected: () => connection.socket.isConnected() });
  connection.close();
  process.stdout.write("", () => process.exit(0)); // unread input after /quit would keep the process alive
}

main().catch(fail);
