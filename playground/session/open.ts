import { signal } from "@preact/signals";

/** Which panels and dialogs are open. */
export const isHelpOpen = signal(false);
export const isPaletteOpen = signal(false);
export const isModelDialogOpen = signal(false);
export const isSecondDeviceOpen = signal(false);

export type Panel = "context" | "preferences";

/** The panel above the message field. */
export const openPanel = signal<Panel | undefined>(undefined);
