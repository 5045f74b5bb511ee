import { InferenceSession, Tensor } from 'onnxruntime-node';
import { DiptychError } from '../../shared/domain/errors.js';

/** What is opened, and what is asked of it. */
export interface OnnxSessionOptions {
  /** Absolute path of the .onnx file. */
  readonly path: string;
  /** What is opened in place of the file's content. @defaultValue the file's own */
  readonly content?: Uint8Array | undefined;
  /** Threads of one inference, ≥ 1. */
  readonly threads: number;
  /** The file's only input when absent. */
  readonly inputName?: string | undefined;
  /** The outputs to give and their order; all in the file's order when absent. */
  readonly outputNames?: readonly string[] | undefined;
  /** Whether it is tried, and ONNX Runtime does not write what fails. @defaultValue false */
  readonly isTrial?: boolean;
}

/** One output of a run. */
export interface NamedTensor {
  /** Row-major; its length is the product of `dims`. */
  readonly data: Float32Array;
  /** Size of each dimension. */
  readonly dims: readonly number[];
}

/** Error and worse: below it ONNX Runtime writes about harmless things in the model file. */
const LOG_SEVERITY_ERROR = 3;
/** What ends the process: a run that may fail is no news. */
const LOG_SEVERITY_FATAL = 4;

/**
 * One ONNX model on the CPU. `run` blocks the calling thread while the network computes (measured
 * with onnxruntime-node 1.29, although it returns a promise): use it in a worker thread.
 */
export class OnnxSession {
  readonly #session: InferenceSession;
  readonly #inputName: string;
  readonly #outputNames: readonly string[];

  private constructor(session: InferenceSession, inputName: string, outputNames: readonly string[]) {
    this.#session = session;
    this.#inputName = inputName;
    this.#outputNames = outputNames;
  }

  /** Loads the file and checks its names. @throws {@link DiptychError} `DIPTYCH_E_MODEL` where the file can't be read or lacks an input or output. */
  static async open({
    path,
    content,
    threads,
    inputName,
    outputNames,
    isTrial = false,
  }: OnnxSessionOptions): Promise<OnnxSession> {
    const options: InferenceSession.SessionOptions = {
      executionProviders: ['cpu'],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      logSeverityLevel: isTrial ? LOG_SEVERITY_FATAL : LOG_SEVERITY_ERROR,
      // An arena of its own only grows, by powers of two: 7 MB more for a face detector, and no run is faster by it.
      enableCpuMemArena: false,
      // Threads that wait in a loop take the CPU time that decoding and encoding need.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    };
    const session = await (
      content ? InferenceSession.create(content, options) : InferenceSession.create(path, options)
    ).catch((error: unknown) => {
      throw new DiptychError('DIPTYCH_E_MODEL', `${path} is no model that can be run: ${String(error)}`, {
        cause: error,
      });
    });
    const input = inputName ?? session.inputNames[0];
    const outputs = outputNames ?? session.outputNames;
    const missing = [
      ...(input !== undefined && session.inputNames.includes(input) ? [] : [`input ${input}`]),
      ...outputs.filter((name) => !session.outputNames.includes(name)).map((name) => `output ${name}`),
    ];
    if (input === undefined || missing.length > 0) {
      await session.release();
      throw new DiptychError(
        'DIPTYCH_E_MODEL',
        `${path} has no ${missing.join(', ')}; it is not the model that the manifest describes`,
      );
    }
    return new OnnxSession(session, input, outputs);
  }

  /**
   * Runs the network once and gives its outputs in the order of `outputNames`.
   * @param data - of the input, row-major, with the sizes `dims`
   * @throws {@link DiptychError} `DIPTYCH_E_MODEL` where the model refuses the shape or an output is
   * not of 32-bit floats.
   */
  async run(data: Float32Array, dims: readonly number[]): Promise<readonly NamedTensor[]> {
    const results = await this.#session
      .run({ [this.#inputName]: new Tensor('float32', data, dims) }, [...this.#outputNames])
      .catch((error: unknown) => {
        throw new DiptychError(
          'DIPTYCH_E_MODEL',
          `inference failed for the input ${dims.join('×')}: ${String(error)}`,
          {
            cause: error,
          },
        );
      });
    return this.#outputNames.map((name) => {
      const output = results[name];
      if (output?.data instanceof Float32Array) return { data: output.data, dims: output.dims };
      throw new DiptychError('DIPTYCH_E_MODEL', `output ${name} holds ${output?.type}, expected float32`);
    });
  }

  /** Frees the session; nothing may be running. */
  close(): Promise<void> {
    return this.#session.release();
  }
}
