/** Who a socket speaks for. `mayNameUser` is a trusted back end, whose joins name the user. */
export interface Principal {
  userId: string;
  mayNameUser: boolean;
  /** Seconds since 1970: a token's end. */
  expires?: number;
}
