/** The logger that the layer needs. Fields never contain payloads or credentials. */
export interface Log {
  debug(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
