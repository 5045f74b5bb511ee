import { loadCompiled } from '../native/load-compiled.js';

/**
 * What is used of gstreamer-superficial. Not its findChild: each call leaks a reference and 13 KB
 * of JavaScript heap, and numbers are set as 32-bit floats.
 */
export interface SuperficialPipeline {
  /** Starts it; what becomes of that the bus says. */
  play(): void;
}

interface Binding {
  /** Builds a graph of a launch string. */
  readonly Pipeline: new (launch: string) => SuperficialPipeline;
}

/**
 * The one importer of gstreamer-superficial, loaded on first use. Unlike the addon it is built for one version of Node.
 * @throws DiptychError `DIPTYCH_E_NATIVE`
 */
export const loadBinding = (): Binding => loadCompiled('GStreamer binding', 'gstreamer-superficial') as Binding;
