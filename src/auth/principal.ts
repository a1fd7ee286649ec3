/** Who a socket speaks for. `mayNameUser` is a trusted back end, whose joins name the user. */
export interface Principal {
  userId: string;
  mayNameUser: boolean;
  /** When a token ends, in ms since 1970. */
  until?: number;
}
