/** Shares Node's compile cache with every process that the tests start. */
process.env.NODE_COMPILE_CACHE ??= new URL("../../node_modules/.cache/node", import.meta.url).pathname;
