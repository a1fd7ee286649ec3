import type { PresenceDiff, PresenceState } from "../phoenix/presence.ts";
import type { End } from "../store/deliveries.ts";
import type { Command, LiveEvent } from "../turns/bus.ts";
import { hasOf, snapshotOf } from "../turns/snapshot.ts";
import { Arrival } from "./arrival.ts";
import { Healing } from "./healing.ts";
import { Hearing } from "./hearing.ts";
import type { Body, Letter } from "./letters.ts";
import { type Arrived, type Peer, Peers } from "./listening.ts";
import type { Office } from "./office.ts";
import { Outgoing } from "./outgoing.ts";

/** One conversation that somebody on this node listens to, and the other nodes that listen to it. */
export class Link {
  readonly #office: Office;
  readonly #id: string;
  readonly #peers = new Peers();
  readonly #outgoing: Outgoing;
  readonly #healing: Healing;
  readonly #hearing: Hearing;
  #present: PresenceState = {};
  readonly #arrival = new Arrival();
  #joining: Promise<void> | undefined;

  constructor(office: Office, conversationId: string) {
    this.#office = office;
    this.#id = conversationId;
    this.#outgoing = new Outgoing(office, conversationId, () => {
      for (const node of this.#peers.ids) this.gone(node);
    });
    this.#healing = new Healing({
      office,
      conversationId,
      runsHere: (turnId) => this.#hearing.runsHere(turnId),
      tell: (event) => {
        this.#hearing.told(event);
        this.#tell(event);
      },
      take: (arrived) => this.#receive(arrived),
    });
    this.#hearing = new Hearing({
      running: () => office.running(conversationId),
      known: this.#healing,
      tell: (event) => this.#tell(event),
    });
  }

  readonly told = (end: End) => this.#healing.whenTold(end);

  get isHeard(): boolean {
    return this.#outgoing.isHeard && this.#outgoing.isSubscribed && this.#office.isUp();
  }

  get presentElsewhere(): PresenceState[] {
    return this.#peers.present;
  }

  /** The listeners of this node were told of what happens here. */
  said(event: LiveEvent): void {
    this.#healing.note(event);
    if (this.#hearing.said(event) === "lost") this.#healing.heal();
    this.#outgoing.say(event);
  }

  tellPresent(state: PresenceState): void {
    this.#present = state;
    if (this.#outgoing.isHeard) this.#outgoing.send({ type: "present", present: state });
  }

  command(command: Command): void {
    this.#outgoing.send({ type: "command", command });
  }

  /** See `Bus`. */
  async joined(): Promise<string[]> {
    this.#joining ??= this.#join();
    const [ended] = await Promise.all([this.#healing.ended(), this.#joining]);
    return ended;
  }

  async #join(): Promise<void> {
    if (this.#office.isUp()) await this.#arrival.whenSubscribed();
    await this.#healing.begin().catch(() => this.#healing.reading.retryLater());
    if (this.#outgoing.isSubscribed && this.#office.isUp()) await this.#arrival.whenTold();
  }

  /** The channel is subscribed, for the first time or again. */
  connected(): void {
    const isAgain = this.#outgoing.isSubscribed;
    this.#outgoing.isSubscribed = true;
    this.#outgoing.heard();
    this.#arrival.subscribed();
    if (isAgain) this.#recover();
    else this.#ask();
    if (isAgain) this.#healing.heal();
  }

  tick(): void {
    if (!this.#office.isUp() || !this.#outgoing.isSubscribed) return;
    if (this.#outgoing.isLost) this.#recover();
    const due = this.#hearing.tick();
    if (this.#outgoing.mustAsk || due === "ask" || this.#peers.isSomeAwaited) this.#ask();
    const { reading, isLong } = this.#healing;
    if (reading.hasFailed || due === "heal" || isLong) this.#healing.heal();
  }

  /** A node listens no longer. Returns false if it did not listen here. */
  gone(node: string): boolean {
    const peer = this.#peers.get(node);
    this.#tellDiff(this.#peers.remove(node));
    if (peer?.hasDropped) this.#healing.heal(); // it will not tell its state any more
    return peer !== undefined;
  }

  /** A node is there again. */
  again(): void {
    this.#outgoing.heard();
    this.#ask();
  }

  /** Nobody on this node listens any more. Returns false if other nodes may have missed something. */
  close(): boolean {
    this.#outgoing.flush();
    if (this.isHeard) this.#outgoing.send({ type: "bye" });
    return !this.#outgoing.isLost;
  }

  hear(letter: Letter): void {
    const { body, from } = letter;
    if (from === this.#office.nodeId) return;
    const { isNew, ...arrived } = this.#peers.note(letter);
    if (body.type === "bye") return void this.gone(from);
    this.#outgoing.heard();
    this.#hearing.heardFrom(from);
    if (isNew && body.type !== "hello" && body.type !== "state") this.#ask();
    if (body.type === "command") this.#office.obey(body.command);
    else this.#receive(arrived);
  }

  #receive(arrived: Arrived): void {
    const { peer, body } = arrived;
    peer.isAwaited ||= arrived.isGap;
    if (body.type === "state" && this.#peers.takeDropped(peer)) this.#healing.heal();
    if (body.type === "check") this.#healing.heal();
    else if (!this.#healing.reading.isOn) this.#take(peer, body);
    else if (!this.#healing.reading.hold(arrived)) this.#judge(peer, "lost");
  }

  #take(peer: Peer, body: Body): void {
    if (body.type === "hello") this.#reply(body);
    if ("present" in body) this.#tellDiff(this.#peers.setPresent(peer, body.present));
    if (body.type === "state") {
      peer.isAwaited = false;
      this.#judge(peer, this.#hearing.state(peer.id, body.turn));
      this.#arrival.replied();
    }
    if (body.type === "events" && !peer.isAwaited) this.#judge(peer, this.#hearing.events(peer.id, body.events));
    else if (peer.isAwaited) this.#ask();
    peer.hasDropped ||= body.type === "events" && peer.isAwaited;
  }

  #judge(peer: Peer, verdict: ReturnType<Hearing["events"]>): void {
    if (verdict === "fine") return;
    peer.isAwaited = true;
    if (verdict === "lost") this.#healing.heal();
    this.#ask();
  }

  #reply({ has }: Extract<Body, { type: "hello" }>): void {
    this.#outgoing.flush();
    const own = this.#hearing.own;
    this.#outgoing.send({ type: "state", present: this.#present, ...(own && { turn: snapshotOf(own, has) }) });
  }

  /** Asks the other nodes for their state. */
  #ask(): void {
    const has = hasOf(this.#office.running(this.#id));
    const hello: Body = { type: "hello", present: this.#present, ...(has && { has }) };
    this.#outgoing.ask(hello, (others) => this.#arrival.asked(others));
  }

  /** Redis is there again, or takes messages again. */
  #recover(): void {
    this.#outgoing.restart();
    this.#ask();
    const own = this.#hearing.own;
    if (own) this.#outgoing.send({ type: "state", present: this.#present, turn: snapshotOf(own, undefined) });
    this.#outgoing.send({ type: "check" });
  }

  #tell(event: LiveEvent): void {
    this.#healing.note(event);
    this.#office.tell(this.#id, event);
  }

  #tellDiff(diff: PresenceDiff | undefined): void {
    if (diff) this.#tell({ type: "notice", event: "presence_diff", payload: diff });
  }
}
