/** The user behind a socket. */
export interface Principal {
  userId: string;
  /** True for a trusted back end: its joins name the user. */
  mayNameUser: boolean;
  /** True for the key in the link that the server printed at its start. */
  isOperator?: boolean;
  /** True if this user's key may save prompts in the workbench. */
  mayEditPrompts?: boolean;
}
