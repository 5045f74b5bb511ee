import type { Gateway } from '../gateway/gateway.js';
import type { LoadedConfiguration } from '../shared/config/loaded-configuration.js';
import { DiptychError } from '../shared/domain/errors.js';
import { maskUrlsIn } from '../shared/config/mask-url.js';
import { listOption, textOption, type Command } from './command.js';

/** `diptych run`: the gateway, until it is stopped. */
export const runCommand: Command = {
  name: 'run',
  isService: true,
  synopsis:
    '[SOURCE…] [--config FILE] [--source URL]… [--target URL]… [--host 127.0.0.1] [--port 8080] [--listen-ip ADDRESS] [--state FOLDER] [--log FORMAT] [--token TOKEN] [--tls-cert FILE --tls-key FILE]',
  summary: 'Runs the gateway: cameras in, two-shots out to browsers, RTMP and SRT targets.',
  options: {
    config: { type: 'string' },
    source: { type: 'string', multiple: true },
    target: { type: 'string', multiple: true },
    host: { type: 'string' },
    port: { type: 'string' },
    'listen-ip': { type: 'string' },
    state: { type: 'string' },
    log: { type: 'string' },
    token: { type: 'string' },
    'tls-cert': { type: 'string' },
    'tls-key': { type: 'string' },
  },
  help: [
    '--config FILE   a YAML file; config/gateway.example.yaml shows every option',
    'SOURCE          rtsp://…, http://… (Motion JPEG, HLS), srt://…, v4l2:/dev/video0, a file, test:people',
    '                or test:; docs/sources.md has all of them (several: a stream each)',
    '--source URL    the same, as an option',
    '--target URL    rtmp://host/app/key, rtmps://… or srt://host:port, for the first source (may be given again)',
    '--host ADDRESS  what page, API and media listen on; 0.0.0.0 for every address of this machine',
    '--port PORT     the same, the port; 0 takes a free one',
    '--listen-ip ADDRESS  what media listens on, where that is not the address of --host (webrtc.listenIp)',
    '--state FOLDER  keeps what API and page change; without it, the folder state beside FILE',
    '--log FORMAT    json, one object a line; pretty, for people; auto, pretty on a terminal (log.format)',
    '--token TOKEN   whoever has it does everything; DIPTYCH_TOKEN and access.tokenFile are read by fewer eyes. Without any,',
    '                a gateway that other devices reach makes one at its first start (diptych help token)',
    '--tls-cert FILE  serves HTTPS with this certificate and the key of --tls-key, both PEM (http.tls)',
    'A change of FILE is followed, and SIGHUP reads it again; what does not change goes on.',
  ],
  async run(args, signal, takeLonger) {
    refuseFileOfConfig(args.positionals);
    hideSecretsOfArguments();
    const { loadConfiguration } = await import('./load-config.adapter.js');
    const file = textOption(args, 'config');
    const host = textOption(args, 'host');
    const port = textOption(args, 'port');
    const listenIp = textOption(args, 'listen-ip');
    const state = textOption(args, 'state');
    const log = textOption(args, 'log');
    const token = textOption(args, 'token');
    const tlsCert = textOption(args, 'tls-cert');
    const tlsKey = textOption(args, 'tls-key');
    const options = {
      ...(file !== undefined && { file }),
      ...(host !== undefined && { host }),
      ...(port !== undefined && { port }),
      ...(listenIp !== undefined && { listenIp }),
      ...(state !== undefined && { state }),
      ...(log !== undefined && { log }),
      ...(token !== undefined && { token }),
      ...(tlsCert !== undefined && { tlsCert }),
      ...(tlsKey !== undefined && { tlsKey }),
      sources: [...args.positionals, ...listOption(args, 'source')],
      targets: listOption(args, 'target'),
      environment: process.env,
    };
    const loaded = await loadConfiguration(options);
    if (loaded.config.streams.length === 0 && file === undefined && loaded.stateFolder === undefined) {
      throw new DiptychError(
        'DIPTYCH_E_USAGE',
        'there is no source; name one: diptych run rtsp://… (or test:people to try), or add --config FILE',
      );
    }
    const { startProcessAhead } = await import('../gateway/streams/process-ahead.adapter.js');
    const ahead = startProcessAhead(loaded.config);
    const { startGateway } = await import('../gateway/gateway.js');
    const gateway = await startGateway(loaded.config, { loaded, ahead });
    takeLonger?.(gateway.leaveLimitMs);
    const { addressLines } = await import('./addresses.js');
    process.stdout.write(`${addressLines(gateway, process.stdout.isTTY).join('\n')}\n`);
    const stopWatching =
      file === undefined ? undefined : await followFile(file, loaded.text, gateway, () => loadConfiguration(options));
    const removeAddress = await leaveWord(loaded.stateFolder, gateway.url);
    await gateway.serve(signal);
    stopWatching?.();
    await removeAddress();
    return 0;
  },
};

/** Says in the folder of the state where the gateway listens; one that cannot be written stops no gateway. */
async function leaveWord(folder: string | undefined, url: string): Promise<() => Promise<void>> {
  const nothing = (): Promise<void> => Promise.resolve();
  if (folder === undefined) return nothing;
  const { leaveAddress } = await import('./address-file.adapter.js');
  return leaveAddress(folder, url).catch(() => nothing);
}

/** A configuration is given with an option; as a source it would be told as a video that cannot be decoded. */
function refuseFileOfConfig(sources: readonly string[]): void {
  const file = sources.find((source) => /\.ya?ml$/i.test(source) && !source.includes('://'));
  if (file === undefined) return;
  throw new DiptychError('DIPTYCH_E_USAGE', `${file} is no source; a configuration is given with --config ${file}`);
}

/** Reads the configuration again when it changes; one with a mistake changes nothing. */
async function followFile(
  file: string,
  text: string,
  gateway: Gateway,
  load: () => Promise<LoadedConfiguration>,
): Promise<() => void> {
  const { watchConfigFile } = await import('./config-watch.adapter.js');
  return watchConfigFile({
    file,
    text,
    onChange: async (reason) => gateway.reload(reason, load),
  });
}

/** Every user of a machine sees the arguments of its programs. */
function hideSecretsOfArguments(): void {
  const given = process.argv.slice(2).join(' ');
  const masked = maskUrlsIn(given).replace(/(--token[= ])\S+/g, '$1***');
  if (masked !== given) process.title = `diptych ${masked}`;
}
