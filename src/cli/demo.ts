import { positionalArguments, textOption, type Command } from './command.js';
import { packagePath } from '../shared/package-root.js';

const CONFIG_FILE = packagePath('config/gateway.dev.yaml');

/** `diptych demo`: the gateway on a test camera of its own, until it is stopped. */
export const demoCommand: Command = {
  name: 'demo',
  isService: true,
  synopsis: '[--port 8080] [--target URL]…',
  summary: 'A test camera with two moving people, the gateway on it, and the address of the viewer.',
  options: { port: { type: 'string' }, target: { type: 'string', multiple: true } },
  help: [
    '--port PORT   of the viewer; 0 takes a free one',
    '--target URL  also publishes to rtmp://host/app/key or srt://host:port (may be given again)',
  ],
  async run(args, signal) {
    positionalArguments(this, args, []);
    const { loadConfig } = await import('./load-config.adapter.js');
    const { renderScene } = await import('../test-camera/scene-renderer.adapter.js');
    const { DEMO_SCENE } = await import('../test-camera/scenes.js');
    const { startTestCamera } = await import('../test-camera/test-camera.adapter.js');
    const { startGateway } = await import('../gateway/gateway.js');
    const say = (line: string): void => void process.stdout.write(`${line}\n`);

    const port = textOption(args, 'port');
    const targets = args.values['target'];
    // Checked before the work begins: a wrong option is reported before the scene is drawn.
    const config = await loadConfig({
      file: CONFIG_FILE,
      ...(port !== undefined && { port }),
      ...(Array.isArray(targets) && { targets: targets as readonly string[] }),
      environment: process.env,
    });

    const file = await renderScene(DEMO_SCENE, { audio: 'aac' }, { signal, onProgress: progressLine(say) });
    const camera = await startTestCamera({ file, mount: '/demo' });
    try {
      say(`camera: ${camera.url}`);
      const streams = config.streams.map((stream) => ({ ...stream, source: { ...stream.source, url: camera.url } }));
      const gateway = await startGateway({ ...config, streams });
      const { addressLines } = await import('./addresses.js');
      for (const line of addressLines(gateway, process.stdout.isTTY, `/s/${streams[0]?.id ?? ''}`)) say(line);
      say('Ctrl-C ends it.');
      await gateway.serve(signal);
    } finally {
      await camera.stop();
    }
    return 0;
  },
};

/** Prints the share that is done, every tenth. */
function progressLine(say: (line: string) => void): (share: number) => void {
  let printed = -1;
  return (share) => {
    const tenths = Math.floor(share * 10);
    if (tenths === printed) return;
    printed = tenths;
    say(`drawing the demo's scene, once: ${tenths * 10} %`);
  };
}
