/** The user behind a socket. */
export interface Principal {
  userId: string;
  /** True for a trusted back end: its joins name the user. */
  mayNameUser: boolean;
  /** When the token expires, in ms since the epoch. */
  until?: number;
}
