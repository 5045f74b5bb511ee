import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { Observable, Subject } from 'rxjs';
import { DiptychError } from '../../shared/domain/errors.js';
import { packagePath } from '../../shared/package-root.js';
import { loadAddon } from '../native/addon.adapter.js';
import type { BusMessage, NativeFrame } from '../native/types.js';
import { packageOf } from './elements.js';
import { buildPipeline, type BuiltPipeline } from './pipeline-builder.adapter.js';
import { fillTemplate, parseTemplate, type Template, type TemplateValue, type TemplateValues } from './template.js';

const PIPELINES = packagePath('pipelines');
const TEMPLATE_NAME = /^[a-z0-9][a-z0-9-]*$/;
/** What gst_parse_launch says when an element is not installed. */
const NO_ELEMENT = /no element "([^"]+)"/;

let graphCount = 0;

/**
 * A GStreamer graph: built and steered by gstreamer-superficial, watched and freed by the addon.
 * All methods but `close` throw `DIPTYCH_E_GRAPH` once it is closed.
 */
export class Graph {
  /** Unique in the process; the `graph` property of its `diptychsink` and `diptychsrc` elements. */
  readonly id: string;
  /** What the bus says, from `play` on; completes on `close`, never errors. */
  readonly messages$: Observable<BusMessage>;

  readonly #name: string;
  readonly #addon = loadAddon();
  readonly #pipeline: BuiltPipeline;
  readonly #messages = new Subject<BusMessage>();
  readonly #receivers = new Map<string, Set<(frame: NativeFrame) => void>>();
  readonly #closed$ = new Subject<void>();
  #closing: Promise<void> | undefined;

  private constructor(name: string, id: string, pipeline: BuiltPipeline) {
    this.#name = name;
    this.id = id;
    this.#pipeline = pipeline;
    this.messages$ = this.#messages.asObservable();
    this.#addon.attachGraph(id, (message) => this.#messages.next(message));
  }

  /**
   * Builds the graph of `pipelines/<name>.launch`; `{graph}` is filled in here.
   * @throws {@link DiptychError} `DIPTYCH_E_ELEMENT_MISSING`, `DIPTYCH_E_GRAPH`.
   */
  static async load(name: string, parameters: TemplateValues): Promise<Graph> {
    if (!TEMPLATE_NAME.test(name)) throw new DiptychError('DIPTYCH_E_GRAPH', `"${name}" is not the name of a pipeline`);
    const text = await readFile(join(PIPELINES, `${name}.launch`), 'utf8').catch((cause: unknown) => {
      throw new DiptychError('DIPTYCH_E_GRAPH', `there is no pipeline template pipelines/${name}.launch`, { cause });
    });
    return Graph.#build(parseTemplate(name, text), parameters);
  }

  /** As {@link load}, from the text of a template. */
  static async fromLaunch(text: string, parameters: TemplateValues = {}): Promise<Graph> {
    return Graph.#build(parseTemplate('(text)', text), parameters);
  }

  static async #build(template: Template, parameters: TemplateValues): Promise<Graph> {
    graphCount += 1;
    const id = threadId === 0 ? `graph-${graphCount}` : `graph-${threadId}-${graphCount}`;
    const launch = fillTemplate(template, { ...parameters, graph: id });
    // The addon first: it registers the elements that the launch string names.
    const addon = loadAddon();
    try {
      return new Graph(template.name, id, await buildPipeline(launch, id));
    } catch (cause) {
      // What was built before the mistake stays alive without this; nothing at all is no error.
      try {
        await addon.closeGraph(id);
      } catch (nothingBuilt) {
        if (!(nothingBuilt instanceof TypeError)) throw nothingBuilt;
      }
      throw explain(template.name, cause);
    }
  }

  /**
   * The frames of a `diptychsink`, hot. Each subscriber owns one reference to every frame it
   * gets and releases it; without subscribers frames are released at once. Completes on `close`.
   */
  frames(element: string): Observable<NativeFrame> {
    return new Observable<NativeFrame>((subscriber) => {
      this.#requireOpen();
      const receive = (frame: NativeFrame): void => subscriber.next(frame);
      const receivers = this.#receivers.get(element) ?? new Set();
      receivers.add(receive);
      if (receivers.size === 1) {
        this.#receivers.set(element, receivers);
        this.#addon.onFrames(this.id, element, (frame) => this.#distribute(receivers, frame));
      }
      subscriber.add(this.#closed$.subscribe({ complete: () => subscriber.complete() }));
      subscriber.add(() => {
        receivers.delete(receive);
        if (receivers.size > 0) return;
        this.#receivers.delete(element);
        if (this.#closing === undefined) this.#addon.offFrames(this.id, element);
      });
    });
  }

  /**
   * Sets the graph to PLAYING; failures come as messages of its bus. @throws {@link DiptychError}
   * `DIPTYCH_E_GRAPH` where it is closed.
   */
  play(): void {
    this.#requireOpen();
    this.#pipeline.play();
  }

  /** Whether it has not been closed. */
  get isOpen(): boolean {
    return this.#closing === undefined;
  }

  /** Strings also for enumerations (by nick), caps and fractions. */
  setProperty(element: string, property: string, value: TemplateValue): void {
    this.#requireOpen();
    this.#reportMistake(`${element}.${property}`, () => this.#addon.setProperty(this.id, element, property, value));
  }

  /** Enumerations, caps and the like in their text form; null is a string that is not set. */
  getProperty(element: string, property: string): TemplateValue | null {
    this.#requireOpen();
    return this.#reportMistake(`${element}.${property}`, () => this.#addon.getProperty(this.id, element, property));
  }

  /** EOS from every source of the graph; the `eos` message follows when the sinks have it. */
  sendEos(): void {
    this.#requireOpen();
    this.#addon.sendEos(this.id);
  }

  /** Stops and frees the graph without blocking the event loop; resolves when that is done. Idempotent. */
  close(): Promise<void> {
    if (this.#closing === undefined) {
      this.#closing = this.#addon.closeGraph(this.id).finally(() => {
        this.#pipeline.forget();
        this.#messages.complete();
      });
      this.#closed$.complete();
    }
    return this.#closing;
  }

  #distribute(receivers: ReadonlySet<(frame: NativeFrame) => void>, frame: NativeFrame): void {
    const all = [...receivers];
    for (let extra = 1; extra < all.length; extra += 1) this.#addon.retain(frame.handle);
    if (all.length === 0) this.#addon.release(frame.handle);
    for (const receive of all) {
      // One may have unsubscribed in answer to another's frame.
      if (receivers.has(receive)) receive(frame);
      else this.#addon.release(frame.handle);
    }
  }

  #reportMistake<T>(where: string, call: () => T): T {
    try {
      return call();
    } catch (cause) {
      throw this.#error(`${where}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
  }

  #requireOpen(): void {
    if (this.#closing !== undefined) throw this.#error('it is closed');
  }

  #error(problem: string, options?: ErrorOptions): DiptychError {
    return new DiptychError('DIPTYCH_E_GRAPH', `graph ${this.#name} (${this.id}): ${problem}`, options);
  }
}

function explain(name: string, cause: unknown): DiptychError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const element = NO_ELEMENT.exec(reason)?.[1];
  if (element === undefined) {
    return new DiptychError('DIPTYCH_E_GRAPH', `graph ${name} could not be built: ${reason}`, { cause });
  }
  const debianPackage = packageOf(element);
  const advice = debianPackage === undefined ? 'install the plugin that has it' : `apt-get install ${debianPackage}`;
  return new DiptychError(
    'DIPTYCH_E_ELEMENT_MISSING',
    `graph ${name} needs the GStreamer element ${element}, which is not installed; ${advice}`,
    { cause },
  );
}
