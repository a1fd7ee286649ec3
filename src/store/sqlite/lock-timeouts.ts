/** For writes that a client waits for: shorter than the push timeout of the clients. */
export const lockTimeoutMs = 4_000;

/** For writes that are retried in the background. */
export const backgroundLockTimeoutMs = 30_000;
