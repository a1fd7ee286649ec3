import { signal } from "./signal.js";

/** The prompt files on the server's disk, and their unsaved changes (drafts). */
export function promptStore(link) {
  const changed = signal();
  const drafts = new Map();
  let files = new Map();
  let canEdit = false;

  function take({ can_edit, prompts }) {
    canEdit = can_edit;
    files = new Map(prompts.map((file) => [file.name, file]));
    for (const [name, { source }] of drafts) {
      if (!files.has(name) || files.get(name).source === source) drafts.delete(name);
    }
    changed.tell();
  }

  function onDisk(name, { hash, source }) {
    files.set(name, { ...files.get(name), hash, source });
    changed.tell();
  }

  const store = {
    onChange: changed.on,
    get canEdit() {
      return canEdit;
    },
    get files() {
      return [...files.values()];
    },
    get draftNames() {
      return [...drafts.keys()].toSorted();
    },
    file: (name) => files.get(name),
    isDraft: (name) => drafts.has(name),
    source: (name) => drafts.get(name)?.source ?? files.get(name)?.source ?? "",
    /** True if the file has changed since the draft was started. */
    isConflict: (name) => drafts.has(name) && drafts.get(name).base.source !== files.get(name).source,
    write(name, source) {
      if (source === files.get(name).source) drafts.delete(name);
      else drafts.set(name, { source, base: drafts.get(name)?.base ?? files.get(name) });
      changed.tell();
    },
    revert(name) {
      drafts.delete(name);
      changed.tell();
    },
    /** Keeps the draft, now based on the current file. */
    keepMine(name) {
      drafts.get(name).base = files.get(name);
      changed.tell();
    },
    check: (name, source) => link.push("check_prompt", { name, source }),
    /** Rejects with `invalid_prompt`, or with `edit_conflict` if the file has changed. The draft is kept. */
    async save(name) {
      const { source, base } = drafts.get(name);
      try {
        const { hash } = await link.push("save_prompt", { name, source, was: base.hash });
        const draft = drafts.get(name);
        if (draft?.source === source) drafts.delete(name);
        else if (draft) draft.base = { hash, source }; // the draft was edited while it was being saved
        onDisk(name, { hash, source });
      } catch (refusal) {
        if (refusal.code !== "edit_conflict") throw refusal;
        onDisk(name, refusal.details);
        if (refusal.details.source !== base.source) throw refusal;
        drafts.get(name).base = refusal.details; // an invalid file is listed with the hash of its last valid version
        await store.save(name);
      }
    },
  };

  link.on("joined", take);
  link.on("prompts_changed", take);
  return store;
}
