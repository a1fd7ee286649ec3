import { registerHooks } from "node:module";

/** Prints the packages of OpenTelemetry that the process loads, once each, with who asks for them first. */
const seen = new Set<string>();

registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context);
    const name = /\/node_modules\/(@opentelemetry\/[^/]+)\//.exec(resolved.url)?.[1];
    if (name && !seen.has(name) && !context.parentURL?.includes("/@opentelemetry/")) {
      seen.add(name);
      const parent = /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(context.parentURL ?? "")?.[1] ?? "the project";
      process.stdout.write(`loads ${name} for ${parent}\n`);
    }
    return resolved;
  },
});
