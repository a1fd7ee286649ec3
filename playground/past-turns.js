/** Shows the history: the latest turns, and earlier ones on request. */
export function pastTurns(turns, notice, recalled) {
  const earlier = document.querySelector("#earlier");
  let current;
  let goesFurtherBack = false;

  /** `before`: the oldest turn on the page, as its ID and DOM node. */
  async function read(conversation, before) {
    current = conversation;
    try {
      const { turns: page, has_more } = await conversation.history(before?.turnId);
      if (current !== conversation) return;
      turns.recalled(page, before?.node);
      if (!before) turns.keepOnly(page, has_more);
      if (page[0]) recalled(page[0].query);
      if (!before && goesFurtherBack) return; // earlier pages are already shown
      goesFurtherBack = before !== undefined;
      earlier.hidden = !has_more;
      earlier.onclick = () => read(conversation, { turnId: page[0].turn_id, node: turns.oldest });
    } catch (refusal) {
      if (current === conversation) notice(refusal);
    }
  }

  return {
    read: (conversation) => read(conversation),
    /** Call when the page is cleared. */
    forget() {
      current = undefined;
      goesFurtherBack = false;
      earlier.hidden = true;
    },
  };
}
