import type { ModelRequest, Sampling } from "../../../graphs/host.ts";
import { causeOf } from "../causes.ts";
import { HttpError } from "../http/http-error.ts";
import type { Adaptations, Learned } from "./adaptations.ts";
import { type Change, instructionsAsUser, type RequestBody, unstreamed } from "./changes.ts";
import { hasForm, isUnnamed, namedChanges } from "./refused-things.ts";

/** How often one request is asked again in another way, at most. */
const maxChanges = 8;

/** For how long something counts that was learned from a server's error (5xx), in ms: it may have been chance. */
const serverErrorMs = 600_000;

const forThisOnly = 0;

/** The server itself says that the request is not to blame. */
const ofOutage = /had an error|try (it )?again|retry|overload|temporar|unavailable|capacity/i;

/** A request that is asked again without what the server refuses. */
export class AdaptingRequest {
  readonly #adaptations: Adaptations;
  readonly #model: string;
  readonly #now: () => number;
  #body: RequestBody;
  /** What was changed because the server is known, or because of this request's errors. */
  readonly #made: Learned[] = [];
  readonly #new: Learned[] = [];
  #json: string | undefined;
  #left = maxChanges;
  /** The latest error. */
  #refusal: string | undefined;
  /** Sets of changes to try after an error that names nothing, and the request without them. */
  #guesses: Change[][] | undefined;
  #beforeGuess: RequestBody | undefined;
  #guessed: Learned[] = [];
  /** What the settings were that were left out. */
  readonly #leftOut = new Map<keyof Sampling, number | undefined>();

  constructor(adaptations: Adaptations, model: string, body: RequestBody, now: () => number = Date.now) {
    this.#adaptations = adaptations;
    this.#model = model;
    this.#body = body;
    this.#now = now;
    for (const learned of adaptations.learned(model)) if (applies(learned, this.#body)) this.#make(learned);
  }

  get json(): string {
    this.#json ??= JSON.stringify(this.#body);
    return this.#json;
  }

  get body(): Readonly<RequestBody> {
    return this.#body;
  }

  get isStreamed(): boolean {
    return this.#body.stream !== false;
  }

  get hasForm(): boolean {
    return hasForm(this.#body);
  }

  /** It was learned only now what the server does not take. */
  get isAdapted(): boolean {
    return this.#new.length > 0;
  }

  /** Changes the request after this error. Returns false if there is nothing to change. `isLast`: it will not be sent again as it is. */
  adapt(error: unknown, isLast: boolean): boolean {
    if (!(error instanceof HttpError)) return false;
    if (error.message !== this.#refusal) this.#remember();
    this.#refusal = error.message;
    if (this.#left === 0) return this.#giveUp();
    const [change] = namedChanges(error, this.#body).filter((one) => !this.#made.some((made) => made.change === one));
    if (change) {
      this.#keepGuess();
      this.#make({ ...learnedFrom(change, error, this.#body), ...this.#expiry(error) }, true);
    } else if (!this.#guess(error, isLast)) return false;
    this.#left -= 1;
    return true;
  }

  /** The request was answered: what was learned by it is remembered, and what the client does not get is told. */
  answered({ onWarning }: Pick<ModelRequest, "onWarning">): void {
    this.#keepGuess();
    this.#remember();
    this.#adaptations.answered(this.#model, this.#body);
    for (const [setting, value] of this.#leftOut) {
      onWarning?.(`The model ${this.#model} does not take ${setting} ${value}; it answered without it.`, setting);
    }
  }

  /** What was changed has helped: the server answered, or complains of something else. */
  #remember(): void {
    const lasting = this.#new.filter(({ expiresAt }) => expiresAt !== forThisOnly);
    if (lasting.length > 0) this.#adaptations.learn(this.#model, lasting);
  }

  #make(learned: Learned, isNew = false): void {
    const { setting } = learned.change;
    if (setting) this.#leftOut.set(setting, settingOf(setting, this.#body));
    this.#body = learned.change.made(this.#body);
    this.#json = undefined;
    this.#made.push(learned);
    if (isNew) this.#new.push(learned);
  }

  /** Tries to leave out one thing after the other, and at last all of them. What was answered before cannot be to blame. */
  #guess(error: HttpError, isLast: boolean): boolean {
    const cause = causeOf(error);
    const isServers = cause === "server_error" && error.status === 500 && !ofOutage.test(error.message);
    const mayGuess = isUnnamed(error) && (cause === "bad_request" || (isServers && isLast)) && !this.hasForm;
    if (!mayGuess) return false;
    this.#beforeGuess ??= this.#body;
    this.#guesses ??= series(this.#adaptations.guesses(this.#model, this.#body), isServers);
    const next = this.#guesses.shift();
    if (!next) return this.#giveUp();
    this.#guessed = next.map((change) => ({ change, ...this.#expiry(error) }));
    this.#body = next.reduce((body, change) => (change.fits(body) ? change.made(body) : body), this.#beforeGuess);
    this.#json = undefined;
    return true;
  }

  #giveUp(): false {
    if (this.#guessed.length > 0) this.#adaptations.guessedInVain(this.#model);
    return false;
  }

  #expiry(error: HttpError): Pick<Learned, "expiresAt"> {
    if (causeOf(error) === "context_overflow") return { expiresAt: forThisOnly };
    return error.status >= 500 ? { expiresAt: this.#now() + serverErrorMs } : {};
  }

  /** The server has answered something else, so the guess was right. */
  #keepGuess(): void {
    const guessed = this.#guessed;
    if (guessed.length === 0 || !this.#beforeGuess) return;
    this.#body = this.#beforeGuess;
    this.#guessed = [];
    this.#guesses = this.#beforeGuess = undefined;
    for (const learned of guessed) if (learned.change.fits(this.#body)) this.#make(learned, true);
  }
}

/** Each by itself; then all settings; then all. A server that fails is not asked in so many ways. */
function series(all: Change[], isServers: boolean): Change[][] {
  const settings = all.filter((change) => change !== instructionsAsUser && change !== unstreamed);
  const single = isServers ? settings : all;
  const together = (isServers ? [settings] : [settings, all]).filter((changes) => changes.length > 1);
  return [...single.map((change) => [change]), ...together];
}

function applies({ change, from, upTo }: Learned, body: RequestBody): boolean {
  if (!change.fits(body)) return false;
  if (from === undefined && upTo === undefined) return true;
  const value = change.setting && settingOf(change.setting, body);
  return value !== undefined && (from === undefined || value >= from) && (upTo === undefined || value <= upTo);
}

const ofRange =
  /too (large|high|big|small|low)|at (most|least)|maximum|minimum|less than|greater than|\brange\b|between|exceed|[<>]=?|strictly positive/;

const ofParameter =
  /un(supported|known|recognized|expected)|not (support|permit|allow|accept)|does ?n[o']t support|extra|only the default|deprecated/;

/** A value that is out of range tells nothing of the others. */
function learnedFrom(change: Change, error: HttpError, body: RequestBody): Learned {
  const said = error.message.toLowerCase();
  const value = change.setting && settingOf(change.setting, body);
  if (value === undefined) return { change };
  if (!ofRange.test(said) || ofParameter.test(said)) return { change };
  return value > 0 ? { change, from: value } : { change, upTo: value };
}

function settingOf(setting: keyof Sampling, body: RequestBody): number | undefined {
  if (setting === "max_tokens") return body.max_tokens ?? body.max_completion_tokens;
  return setting === "model" ? undefined : body[setting];
}
