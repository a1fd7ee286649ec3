import { Connection } from "./connection-view.ts";
import { html } from "./html.ts";
import { IconButton } from "./parts/button.ts";
import { isFramed } from "./second-device.ts";
import { isHelpOpen, isPaletteOpen, isSecondDeviceOpen } from "./session/open.ts";
import { toggleTheme } from "./session/theme.ts";
import { isWorkbenchOpen, workbench } from "./session/workbench-link.ts";
import { isSidebarOpen } from "./sidebar/drawer.ts";

/** The bar at the top. `isLocked`: the page asks for a key. */
export function Header({ isLocked }: { isLocked: boolean }) {
  if (isLocked) {
    return html`<header>
      <h1>Conversation playground</h1>
      <${Connection} />
    </header>`;
  }
  return html`<header>
    <${IconButton}
      id="sidebar-toggle"
      icon="menu"
      label="Conversations"
      aria-controls="sidebar"
      aria-expanded=${isSidebarOpen.value}
      press=${() => (isSidebarOpen.value = !isSidebarOpen.value)}
    />
    <h1>Conversation playground</h1>
    <${Connection} />
    <span class="space"></span>
    <${IconButton} id="palette-open" icon="commands" label="Commands" hint="Ctrl+K" aria-haspopup="dialog" press=${() => (isPaletteOpen.value = true)} />
    ${
      !isFramed &&
      html`<${IconButton}
        id="second-device-toggle"
        icon="devices"
        label="Second device"
        aria-expanded=${isSecondDeviceOpen.value}
        press=${() => (isSecondDeviceOpen.value = !isSecondDeviceOpen.value)}
      />`
    }
    <${IconButton} id="theme-toggle" icon="theme" label="Light or dark" press=${toggleTheme} />
    <${IconButton}
      id="help-open"
      icon="help"
      label="Keyboard shortcuts"
      hint="?"
      aria-haspopup="dialog"
      press=${() => (isHelpOpen.value = true)}
    />
    ${
      workbench.joined.value &&
      html`<button
        id="workbench-toggle"
        type="button"
        aria-controls="workbench"
        aria-expanded=${isWorkbenchOpen.value}
        onClick=${() => (isWorkbenchOpen.value = !isWorkbenchOpen.value)}
      >
        Workbench
      </button>`
    }
  </header>`;
}
