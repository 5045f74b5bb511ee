/** Values that the unit's template asks for by `@NAME@`. */
export interface UnitPlaces {
  /** The Node program that runs the gateway, absolute. */
  readonly node: string;
  /** Folder of the package, absolute. */
  readonly root: string;
  /** The configuration file, absolute. */
  readonly config: string;
  /** Groups of this machine that may use cameras and GPUs, such as `video`. */
  readonly groups: readonly string[];
}

/** The systemd unit for this machine (systemd.unit(5)). @param template - text of `config/systemd/diptych.service` */
export function unitText(template: string, { node, root, config, groups }: UnitPlaces): string {
  const values: Readonly<Record<string, string>> = {
    NODE: escapeUnit(node),
    ROOT: escapeUnit(root),
    CONFIG: escapeUnit(config),
    GROUPS: groups.join(' '),
  };
  const lines = template.split('\n').filter((line) => groups.length > 0 || !line.includes('@GROUPS@'));
  return lines.join('\n').replace(/@([A-Z]+)@/g, (whole, name: string) => values[name] ?? whole);
}

/** A path as one word of a unit's line: `%` and `$` stand for themselves, blanks do not end it. */
function escapeUnit(path: string): string {
  return path.replace(/\\/g, '\\\\').replace(/ /g, '\\x20').replace(/%/g, '%%').replace(/\$/g, '$$$$');
}

/** The configuration that a new service begins with; `/etc/diptych/gateway.yaml` is never replaced by it. */
export const FIRST_CONFIG = `# Diptych reads this file again when it changes; \`diptych config check\` finds mistakes. Every option,
# with its default: config/gateway.example.yaml of the package. What API and page change is kept in
# /var/lib/diptych/state.

http:
  # 0.0.0.0 lets other devices open the page
  host: 127.0.0.1
  port: 8080

recordings:
  folder: /var/lib/diptych/recordings

streams: []
#  - id: stage
#    source:
#      url: rtsp://192.168.1.20/stream1
#      user: viewer
#      passwordFile: /etc/diptych/stage.password
`;
