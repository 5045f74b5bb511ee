import { createRequire } from 'node:module';
import { DiptychError } from '../../shared/domain/errors.js';

/**
 * A module that set-up has compiled on this machine.
 *
 * @param name - what the error calls it
 * @param module - path of the `.node` file, or name of the npm package
 * @throws {@link DiptychError} `DIPTYCH_E_NATIVE` where it is not built, was built for another version of Node, or a
 *   library that it needs is gone
 */
export function loadCompiled(name: string, module: string): unknown {
  try {
    return createRequire(import.meta.url)(module) as unknown;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DiptychError('DIPTYCH_E_NATIVE', describeLoadFailure(name, reason), { cause });
  }
}

/** What Node says of a module that was compiled against the headers of another version, once or when it is opened again. */
const OTHER_NODE = /did not self-register|NODE_MODULE_VERSION/;

/** In words, with what to do. @param reason - what Node says */
function describeLoadFailure(name: string, reason: string): string {
  const advice = 'run diptych setup (in a clone: npm run build)';
  return OTHER_NODE.test(reason)
    ? `the ${name} was built for another version of Node than ${process.versions.node}; ${advice}, or start it with the version that it was built for`
    : `the ${name} could not be loaded (${reason.split('\n', 1)[0] ?? ''}); ${advice}`;
}
