/** A map of sets. A set with one member is stored without a `Set`, which saves memory for each idle connection. */
export class Grouped<Key, Member extends object> {
  readonly #groups = new Map<Key, Member | Set<Member>>();

  add(key: Key, member: Member): void {
    const group = this.#groups.get(key);
    if (group instanceof Set) group.add(member);
    else if (group === undefined) this.#groups.set(key, member);
    else if (group !== member) this.#groups.set(key, new Set([group, member]));
  }

  /** Returns false if it was not a member. */
  delete(key: Key, member: Member): boolean {
    const group = this.#groups.get(key);
    const isMember = group instanceof Set ? group.delete(member) : group === member;
    if (isMember && (!(group instanceof Set) || group.size === 0)) this.#groups.delete(key);
    return isMember;
  }

  has(key: Key): boolean {
    return this.#groups.has(key);
  }

  of(key: Key): Iterable<Member> {
    const group = this.#groups.get(key);
    if (group === undefined) return [];
    return group instanceof Set ? group : [group];
  }
}
