import { parseArgs, type ParseArgsConfig } from 'node:util';
import { closestWord } from '../shared/config/closest-word.js';
import { DiptychError } from '../shared/domain/errors.js';

/** One subcommand of `diptych`. */
export interface Command {
  /** The word after `diptych`. */
  readonly name: string;
  /** The arguments as the help shows them. */
  readonly synopsis: string;
  /** One sentence for the overview. */
  readonly summary: string;
  /** Options of the command, as `parseArgs` of Node takes them. */
  readonly options: NonNullable<ParseArgsConfig['options']>;
  /** Lines of help, one for each option, in order. */
  readonly help: readonly string[];
  /** Whether it runs until it is stopped, so that a signal is its proper end. @defaultValue false */
  readonly isService?: true;
  /** Resolves with the exit status. @param takeLonger - its end may take so much longer, ms @throws {@link DiptychError} for what users can meet */
  run(args: CommandArguments, signal: AbortSignal, takeLonger?: (moreMs: number) => void): Promise<number>;
}

/** The command line after the name of the command, taken apart. */
export interface CommandArguments {
  /** Arguments that belong to no option, in order. */
  readonly positionals: readonly string[];
  /** Values by the name of the option; absent where it was not given. */
  readonly values: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
}

/** Takes the arguments of a command apart. @throws {@link DiptychError} `DIPTYCH_E_USAGE` with what to type instead. */
export function parseCommandArguments(command: Command, argv: readonly string[]): CommandArguments {
  try {
    const { positionals, values } = parseArgs({
      args: [...argv],
      options: command.options,
      allowPositionals: true,
      strict: true,
    });
    return { positionals, values: values as CommandArguments['values'] };
  } catch (error) {
    throw new DiptychError(
      'DIPTYCH_E_USAGE',
      `${explainArguments(error, command)}; usage: diptych ${command.name} ${command.synopsis}`,
    );
  }
}

/** What is wrong with the arguments, in words, and which option was most likely meant. */
function explainArguments(error: unknown, { name, options }: Command): string {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const option = /'(--?[^' ]+)/.exec(message)?.[1];
  if (code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION' || option === undefined) {
    if (option !== undefined && message.includes('argument missing')) return `${option} needs a value`;
    return (message.split('\n')[0] ?? message).replace(/\. .*$|\.$/s, '');
  }
  const meant = closestWord(option.replace(/^-+/, ''), Object.keys(options));
  return `${name} has no option ${option}${meant === undefined ? '' : `; did you mean --${meant}?`}`;
}

/** The value of an option that takes text. */
export function textOption({ values }: CommandArguments, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

/** `--size WIDTHxHEIGHT`, px; `undefined` where it was not given. @throws {@link DiptychError} `DIPTYCH_E_USAGE` */
export function sizeOption(args: CommandArguments): { readonly width: number; readonly height: number } | undefined {
  const text = textOption(args, 'size');
  if (text === undefined) return undefined;
  const [, width, height] = /^(\d{1,5})x(\d{1,5})$/i.exec(text) ?? [];
  if (width === undefined || height === undefined) {
    throw new DiptychError('DIPTYCH_E_USAGE', `--size: expected WIDTHxHEIGHT, such as 1280x720, got "${text}"`);
  }
  return { width: Number(width), height: Number(height) };
}

/** All values of an option that may be given again; empty where it was not given. */
export function listOption({ values }: CommandArguments, name: string): readonly string[] {
  const value = values[name];
  return Array.isArray(value) ? (value as readonly string[]) : [];
}

/** Whether an option without a value was given. */
export const flagOption = ({ values }: CommandArguments, name: string): boolean => values[name] === true;

/**
 * The value of an option that takes a number; `undefined` where it was not given. @throws {@link
 * DiptychError} `DIPTYCH_E_USAGE` unless it is a number in the range, ends included.
 */
export function numberOption(
  args: CommandArguments,
  name: string,
  { min, max, integer = false }: { readonly min: number; readonly max: number; readonly integer?: boolean },
): number | undefined {
  const text = textOption(args, name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === '' || !(value >= min && value <= max) || (integer && !Number.isInteger(value))) {
    const kind = integer ? 'a whole number' : 'a number';
    throw new DiptychError('DIPTYCH_E_USAGE', `--${name}: expected ${kind} from ${min} to ${max}, got "${text}"`);
  }
  return value;
}

/**
 * The arguments that belong to no option. @throws {@link DiptychError} `DIPTYCH_E_USAGE` unless exactly
 * `names.length` were given.
 */
export function positionalArguments(
  command: Pick<Command, 'name' | 'synopsis'>,
  args: CommandArguments,
  names: readonly string[],
): readonly string[] {
  if (args.positionals.length !== names.length) {
    throw new DiptychError(
      'DIPTYCH_E_USAGE',
      `expected ${names.length === 0 ? 'no arguments' : names.join(' and ')}, got ${
        args.positionals.length === 0 ? 'none' : args.positionals.map((text) => `"${text}"`).join(' ')
      }; usage: diptych ${command.name} ${command.synopsis}`,
    );
  }
  return args.positionals;
}

/** The value of `--gpu`. @throws {@link DiptychError} `DIPTYCH_E_USAGE` unless it is one of the three. */
export function gpuOption(args: CommandArguments): 'auto' | 'off' | 'require' | undefined {
  const text = textOption(args, 'gpu');
  if (text === undefined || text === 'auto' || text === 'off' || text === 'require') return text;
  throw new DiptychError('DIPTYCH_E_USAGE', `--gpu: expected auto, off or require, got "${text}"`);
}
