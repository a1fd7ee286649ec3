/** What the layer tells whoever runs it; fields never hold payloads or credentials. */
export interface Log {
  debug(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
