import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { builtPath } from '#src/shared/package-root.js';

const GRAPHS = 2000;
const LAUNCH = `# {graph} string: id
videotestsrc num-buffers=20 ! video/x-raw,format=I420,width=16,height=16 ! diptychsink name=s graph={graph} drop=false max-held=1`;

/** Holds what it gets, so that the sink waits, in every third graph until it is closed. */
const PROGRAM = `
  import { Graph } from ${JSON.stringify(builtPath('stream/gst/graph.adapter.js'))};
  import { loadAddon } from ${JSON.stringify(builtPath('stream/native/addon.adapter.js'))};
  const addon = loadAddon();
  for (let i = 0; i < ${GRAPHS}; i += 1) {
    const graph = await Graph.fromLaunch(${JSON.stringify(LAUNCH)});
    const handles = [];
    graph.frames('s').subscribe(({ handle }) => handles.push(handle));
    graph.play();
    while (handles.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const release = () => handles.splice(0).forEach((handle) => addon.release(handle));
    if (i % 3 !== 0) release();
    await graph.close();
    release();
  }
  console.log('all played');
  process.exit();`;

// In a process of its own: what hangs is its only thread of JavaScript.
it('a graph plays whose sink waits for frames to be given back by the thread that starts it', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', PROGRAM], {
    timeout: 50_000,
    killSignal: 'SIGKILL',
  });

  expect(stdout).toContain('all played');
});
