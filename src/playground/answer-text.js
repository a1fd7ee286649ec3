/** An answer as it arrives: each piece has its place, and one that restarts stands for everything before it. */
export function answerText() {
  let text = "";
  return {
    get text() {
      return text;
    },
    add({ offset, text: piece, restart }) {
      if (restart) text = piece;
      else if (offset <= text.length) text = text.slice(0, offset) + piece;
      // Behind a gap it is of no use: the response brings the whole answer.
    },
    replace(whole) {
      text = whole;
    },
  };
}
