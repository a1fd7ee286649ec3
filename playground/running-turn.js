/** Tracks the running turn and its stop button. */
export function runningTurn(stop) {
  const button = document.querySelector("#stop");
  let running;

  const turn = {
    is(turnId) {
      running = turnId;
      button.hidden = turnId === undefined;
    },
    ended(turnId) {
      if (running === turnId) turn.is(undefined);
    },
    stop() {
      if (running !== undefined) stop(running);
    },
  };
  button.addEventListener("click", turn.stop);
  return turn;
}
