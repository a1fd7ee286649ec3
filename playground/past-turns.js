/** Brings the history onto the page: its newest turns, and the ones before them when somebody asks. */
export function pastTurns(turns, notice, recalled) {
  const earlier = document.querySelector("#earlier");
  let current;
  let goesFurtherBack = false;

  /** `before`: the turn that the page begins with, by its id and its node. */
  async function read(conversation, before) {
    current = conversation;
    try {
      const { turns: page, has_more } = await conversation.history(before?.turnId);
      if (current !== conversation) return;
      turns.recalled(page, before?.node);
      if (!before) turns.keepOnly(page, has_more);
      if (page[0]) recalled(page[0].query);
      if (!before && goesFurtherBack) return; // what comes before these is on the page already
      goesFurtherBack = before !== undefined;
      earlier.hidden = !has_more;
      earlier.onclick = () => read(conversation, { turnId: page[0].turn_id, node: turns.oldest });
    } catch (refusal) {
      if (current === conversation) notice(refusal);
    }
  }

  return {
    read: (conversation) => read(conversation),
    /** The page begins anew. */
    forget() {
      current = undefined;
      goesFurtherBack = false;
      earlier.hidden = true;
    },
  };
}
