/** Sets by key. A set of one member, as most are here, is kept without a Set: an idle connection should cost little. */
export class Grouped<Key, Member extends object> {
  readonly #groups = new Map<Key, Member | Set<Member>>();

  add(key: Key, member: Member): void {
    const group = this.#groups.get(key);
    if (group instanceof Set) group.add(member);
    else if (group === undefined) this.#groups.set(key, member);
    else if (group !== member) this.#groups.set(key, new Set([group, member]));
  }

  /** False when it was no member. */
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
