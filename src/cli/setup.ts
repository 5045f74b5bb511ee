import { packagePath } from '../shared/package-root.js';
import { flagOption, positionalArguments, type Command } from './command.js';

/** `diptych setup`: what the first start of any command does, and nothing else. The launcher has done it when this runs. */
export const setupCommand: Command = {
  name: 'setup',
  synopsis: '[--demo]',
  summary: 'Installs what is missing, as the first start of any command does, and ends.',
  options: { demo: { type: 'boolean' } },
  help: ['--demo  also what the demo and test:people need: the test camera, ffmpeg, and their scene, drawn once'],
  async run(args, signal) {
    positionalArguments(this, args, []);
    if (flagOption(args, 'demo')) {
      const { renderScene } = await import('../test-camera/scene-renderer.adapter.js');
      const { DEMO_SCENE } = await import('../test-camera/scenes.js');
      process.stdout.write(`the scene is in ${await renderScene(DEMO_SCENE, { audio: 'aac' }, { signal })}\n`);
    }
    process.stdout.write(`set-up is done in ${packagePath('')}\n`);
    return 0;
  },
};
