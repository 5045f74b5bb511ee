import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { packagePath } from '#src/shared/package-root.js';
import { testBindingPath } from '../native/test-addon.js';

const ADDON = packagePath('native/build/Release/diptych.node');

/**
 * Runs `body` (JavaScript; `addon` and `input` are there, `resolve` takes the answer) in a process
 * of its own: there is one GPU a process, and once it is lost it stays so. What the body throws
 * comes back as an error with `code message`.
 */
export async function inOwnProcess<Answer>(
  body: string,
  input: unknown,
  environment: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const program = `
    const addon = { ...require(${JSON.stringify(ADDON)}), ...require(${JSON.stringify(testBindingPath)}) };
    const input = ${JSON.stringify(input)};
    const resolve = (answer) => process.stdout.write(JSON.stringify({ answer }));
    const reject = (error) => process.stdout.write(JSON.stringify({ error: (error.code ?? '') + ' ' + error.message }));
    (async () => { ${body} })().catch(reject);`;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', program], {
    env: { ...process.env, ...environment },
  });
  const outcome = JSON.parse(stdout) as { readonly answer: Answer } | { readonly error: string };
  if ('error' in outcome) throw new Error(outcome.error);
  return outcome.answer;
}
