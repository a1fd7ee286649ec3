/** A push is answered within this time, in ms, also while another program locks the database. */
export const patienceMs = 4_000;

/** What nobody waits for is tried again from the beginning after this time, in ms. */
export const longPatienceMs = 30_000;
