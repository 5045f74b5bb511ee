import { nameTargets } from '../../shared/config/parse-config.js';
import type { StreamConfig, TargetConfig } from '../../shared/config/schema.js';
import type { AskedShot, NumberedShot } from '../../shared/domain/shot.js';
import { DiptychError } from '../../shared/domain/errors.js';
import type { NumberedAction, Publication, SlotAction, WantedStream, WantedTarget } from '../../shared/ipc/messages.js';

/** Actions that may wait for a stream which does not run. */
const MAX_WAITING_ACTIONS = 100;

/**
 * What is wanted of one stream, as {@link WantedStream} says. Every change makes a new document, with a
 * higher revision.
 */
export class WantedState {
  #config: StreamConfig;
  #revision = 1;
  /** The revision in which each target became what it is, by its id. */
  #targetRevisions: Map<string, number>;
  #isLocked = false;
  #actions: readonly NumberedAction[] = [];
  #lastAction = 0;
  #shot: NumberedShot | undefined;
  #lastShot = 0;
  #publication: Publication | undefined;
  #isSilent: boolean;

  /**
   * Begins with a configuration.
   *
   * @param isSilent - as {@link WantedState.silence}
   * @param isLocked - whether the tiles are locked already
   */
  constructor(config: StreamConfig, isSilent = false, isLocked = false) {
    this.#config = nameTargets(config);
    this.#isLocked = isLocked;
    this.#isSilent = isSilent;
    this.#targetRevisions = new Map(this.#config.targets.map(({ id = '' }) => [id, 1]));
  }

  /** Every target has an id. */
  get config(): StreamConfig {
    return this.#config;
  }

  /** To be sent whole. */
  get document(): WantedStream {
    const slots = { isLocked: this.#isLocked, actions: this.#actions };
    const shot = this.#shot && { shot: this.#shot };
    const publication = this.#publication && { publication: this.#publication };
    const { record } = this.#config;
    return {
      revision: this.#revision,
      config: this.#isSilent ? { ...this.#config, record: { ...record, enabled: false } } : this.#config,
      targets: this.#isSilent ? [] : targetsOf(this.#config),
      slots,
      ...shot,
      ...publication,
    };
  }

  /**
   * Another configuration is wanted.
   *
   * @returns the ids of targets that are not wanted any more, or became another target
   */
  configure(config: StreamConfig): readonly string[] {
    const before = new Map(this.#config.targets.map((target) => [target.id ?? '', target]));
    this.#config = nameTargets(config);
    this.#revision++;
    this.#targetRevisions = new Map(
      this.#config.targets.map((target) => {
        const { id = '' } = target;
        const isKept = isSameTarget(before.get(id), target);
        return [id, (isKept ? this.#targetRevisions.get(id) : undefined) ?? this.#revision];
      }),
    );
    return [...before.keys()].filter(
      (id) => this.targetRevision(id) === 0 || this.targetRevision(id) === this.#revision,
    );
  }

  /** Whether nothing is to be published and recorded for now, whatever the configuration says. */
  silence(isSilent: boolean): void {
    if (isSilent === this.#isSilent) return;
    this.#isSilent = isSilent;
    this.#revision++;
    for (const id of this.#targetRevisions.keys()) this.#targetRevisions.set(id, this.#revision);
  }

  /** The revision in which a target became what it is; 0 for one that is not wanted. */
  targetRevision(id: string): number {
    return this.#targetRevisions.get(id) ?? 0;
  }

  /**
   * Asks something of the tiles.
   *
   * @throws {@link DiptychError} `DIPTYCH_E_NOT_READY` where too many actions wait already
   */
  act(action: SlotAction): void {
    // What waits would be undone by it.
    if (action.action === 'unlock') this.#actions = [];
    if (this.#actions.length >= MAX_WAITING_ACTIONS) {
      throw new DiptychError(
        'DIPTYCH_E_NOT_READY',
        `${MAX_WAITING_ACTIONS} actions wait for stream "${this.#config.id}" already; try again when it runs`,
      );
    }
    this.#revision++;
    if (action.action === 'lock' || action.action === 'unlock') this.#isLocked = action.action === 'lock';
    if (action.action !== 'lock') this.#actions = [...this.#actions, { number: ++this.#lastAction, action }];
  }

  /** Asks for a shot; `undefined` lets the rules decide again. */
  askShot(asked: AskedShot | undefined): void {
    this.#revision++;
    this.#shot = asked && { ...asked, number: ++this.#lastShot };
  }

  /** Somebody publishes, or nobody any more. */
  publish(publication: Publication | undefined): void {
    this.#revision++;
    this.#publication = publication;
  }

  /** Actions up to this number are done. */
  acknowledge(slotAction: number): void {
    this.#actions = this.#actions.filter(({ number }) => number > slotAction);
  }

  /** The stream starts anew: the people have other numbers then, so what was asked of them by number is void. */
  beginRun(): void {
    this.#actions = this.#actions.filter(({ action }) => action.action !== 'pin');
    // What was taken is over; what is held goes on.
    if (this.#shot?.action === 'take') this.#shot = undefined;
  }
}

/** The targets of a configuration in which each has an id. */
function targetsOf({ targets }: StreamConfig): WantedTarget[] {
  return targets.map(({ id = '', url, key }) => ({ id, url, ...(key !== undefined && { key }) }));
}

const isSameTarget = (before: TargetConfig | undefined, after: TargetConfig): boolean =>
  before?.url === after.url && before.key === after.key;
