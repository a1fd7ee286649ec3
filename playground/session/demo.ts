import { computed } from "@preact/signals";

import { workbench } from "./workbench-link.ts";

/** Whether the demo model answers. Only known where there is a workbench. */
export const isDemo = computed(() => workbench.joined.value?.model?.is_demo === true);
