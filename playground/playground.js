import { apiKey, watchLinks } from "./api-key.js";
import { chat } from "./chat.js";
import { connect } from "./connection.js";
import { secondDevice } from "./second-device.js";
import { shortcuts } from "./shortcuts.js";
import { conversationsHere } from "./sidebar/conversations.js";
import { statusBar } from "./status-bar.js";
import { workbenchSlot } from "./workbench-slot.js";

const status = statusBar();

function begin(key) {
  const refused = () => askForKey("The server refused this key.");
  const socket = connect(key, { lost: () => status.state("lost"), refused });
  const conversations = conversationsHere((id) => {
    talk.open(id);
    device.follow();
  });
  const device = secondDevice();
  const talk = chat(socket, status, conversations.news);
  shortcuts({ stop: talk.stop });
  workbenchSlot();
  conversations.openFirst();
}

/** Most users come with a key, so the form is loaded only when needed. Resolves to the key. */
async function askForKey(problem) {
  status.state("closed");
  const form = await import("./key-form.js");
  const key = await form.askForKey(problem);
  status.state("connecting");
  return key;
}

watchLinks();
begin(apiKey() || (await askForKey("")));
