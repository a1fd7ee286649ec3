import { useState } from "preact/hooks";

import { html } from "../html.ts";
import { connectModel, offeredModels } from "./connecting.ts";
import { isExample, type Preset, presets } from "./presets.ts";

type Input = { currentTarget: HTMLInputElement };

/** The form: a preset server, or any other address. */
export function ModelForm({ canSave }: { canSave: boolean }) {
  const [chosen, setChosen] = useState<Preset | undefined>(presets[0]);
  const [address, setAddress] = useState(presets[0]?.address ?? "");
  const [model, setModel] = useState(presets[0]?.model ?? "");
  const [key, setKey] = useState("");
  const [isKept, setKept] = useState(canSave);
  const [offered, setOffered] = useState<readonly string[]>([]);

  function choose(preset: Preset) {
    setChosen(preset);
    setAddress(preset.address);
    setModel(preset.model);
    setKey(""); // it was for another server
    void offer(preset.address, "");
  }

  /** Replaces an example that the server does not have with one of its models. */
  async function offer(base_url: string, api_key: string) {
    const models = await offeredModels(base_url, api_key);
    setOffered(models);
    setModel((now) => (isExample(now) ? (models.find((name) => name.startsWith(now)) ?? models[0] ?? now) : now));
  }

  function type(text: string) {
    setAddress(text);
    setChosen(presets.find((one) => one.address === text.trim()));
  }

  function submit(event: Event) {
    event.preventDefault();
    void connectModel({ base_url: address, model, api_key: key, isKept: isKept && canSave });
  }

  return html`<form id="model-form" onSubmit=${submit}>
    <div class="presets" role="group" aria-label="Servers">
      ${presets.map(
        (preset) => html`<button
          key=${preset.name}
          type="button"
          aria-pressed=${preset === chosen}
          onClick=${() => choose(preset)}
        >
          ${preset.name}
        </button>`,
      )}
    </div>
    <label>
      Address
      <input
        name="address"
        type="url"
        required
        maxlength="2048"
        spellcheck=${false}
        value=${address}
        onInput=${({ currentTarget }: Input) => type(currentTarget.value)}
        onChange=${() => offer(address, "")}
      />
    </label>
    <label>
      ${chosen?.needsKey === false ? "Key (not needed)" : "Key"}
      <input
        name="model-key"
        type="password"
        autocomplete="off"
        spellcheck=${false}
        maxlength="4096"
        required=${chosen?.needsKey === true}
        value=${key}
        onInput=${({ currentTarget }: Input) => setKey(currentTarget.value)}
        onChange=${() => offer(address, key)}
      />
    </label>
    <label>
      Model
      <input
        name="model"
        type="text"
        required
        maxlength="200"
        pattern="[^\\s,]+"
        title="The name as the server knows it, without spaces"
        spellcheck=${false}
        autocomplete="off"
        list="offered-models"
        value=${model}
        onInput=${({ currentTarget }: Input) => setModel(currentTarget.value)}
      />
    </label>
    <datalist id="offered-models">${offered.map((name) => html`<option key=${name}>${name}</option>`)}</datalist>
    ${
      canSave &&
      html`<label class="keep">
        <input
          type="checkbox"
          checked=${isKept}
          onChange=${({ currentTarget }: Input) => setKept(currentTarget.checked)}
        />
        <span>Keep it in <code>.env</code>, for the next start</span>
      </label>`
    }
  </form>`;
}
