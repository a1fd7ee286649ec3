import { Announcements } from "./chat/announcements.ts";
import { Log } from "./chat/log.ts";
import { Composer } from "./composer/composer.ts";
import { Header } from "./header.ts";
import { html } from "./html.ts";
import { KeyForm } from "./key-form.ts";
import { ModelDialog } from "./model-slot.ts";
import { lazy } from "./parts/lazy.ts";
import { SecondDevice } from "./second-device.ts";
import { apiKey } from "./session/api-key.ts";
import { isHelpOpen, isPaletteOpen } from "./session/open.ts";
import { closeIfNarrow, isNarrow, isSidebarOpen } from "./sidebar/drawer.ts";
import { Sidebar } from "./sidebar/sidebar.ts";
import { WorkbenchPanel } from "./workbench-panel.ts";

const Palette = lazy(async () => (await import("./palette/palette.ts")).Palette);
const Help = lazy(async () => (await import("./palette/help.ts")).Help);

/** The whole page. */
export function App() {
  const isLocked = apiKey.value === undefined;
  const isCovered = isSidebarOpen.value && isNarrow.value && !isLocked;
  return html`${!isLocked && html`<a class="skip" href="#message">Skip to the message field</a>`}
    <${Header} isLocked=${isLocked} />
    <div id="panes">
      ${!isLocked && html`<${Sidebar} />`}
      ${isCovered && html`<div class="cover" onClick=${closeIfNarrow}></div>`}
      <div id="chat" inert=${isCovered}>
        ${isLocked ? html`<${KeyForm} />` : html`<${Log} /><${Composer} />`}
      </div>
      ${!isLocked && html`<${SecondDevice} />`}
      ${!isLocked && html`<${WorkbenchPanel} />`}
    </div>
    <${Announcements} />
    ${isPaletteOpen.value && html`<${Palette} />`}
    ${isHelpOpen.value && html`<${Help} />`}
    <${ModelDialog} />`;
}
