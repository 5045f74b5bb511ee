import { flagOption, positionalArguments, textOption, type Command } from './command.js';

/** `diptych doctor`: ends with status 1 where something is missing that every stream needs. */
export const doctorCommand: Command = {
  name: 'doctor',
  synopsis: '[--json] [--source URL] [--config FILE]',
  summary: 'What this machine has, what will be used, and why faster paths are not used.',
  options: { json: { type: 'boolean' }, source: { type: 'string' }, config: { type: 'string' } },
  help: [
    '--json         the findings as one JSON object',
    '--source URL   also opens the source and says what it sends',
    '--config FILE  tries what this configuration names: sources, targets, models, folders, ports, TURN servers;',
    '               also says where its page is opened, and how one signs in there',
  ],
  async run(args, signal) {
    positionalArguments(this, args, []);
    const { examine } = await import('./doctor/report.js');
    const source = textOption(args, 'source');
    const file = textOption(args, 'config');
    const { loadConfiguration } = await import('./load-config.adapter.js');
    const { config, stateFolder, accessFolder } = await loadConfiguration({
      ...(file !== undefined && { file }),
      environment: process.env,
    });
    const named = {
      ...(source !== undefined && { source }),
      ...(stateFolder !== undefined && { stateFolder }),
      ...(accessFolder !== undefined && { accessFolder }),
    };
    const findings = await examine({ config, ...named }, signal);
    if (flagOption(args, 'json')) {
      process.stdout.write(`${JSON.stringify(findings)}\n`);
    } else {
      for (const { area, verdict, text, advice } of findings) {
        process.stdout.write(`${MARKS[verdict]} ${area.padEnd(16)} ${text}\n`);
        if (advice !== undefined) process.stdout.write(`  ${''.padEnd(16)} → ${advice}\n`);
      }
    }
    return findings.some(({ verdict }) => verdict === 'broken') ? 1 : 0;
  },
};

const MARKS = { good: '✓', limited: '•', broken: '✗' } as const;
