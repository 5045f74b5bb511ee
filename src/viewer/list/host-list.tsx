import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { callApi } from '../api.js';
import { isInCluster } from '../hosts.js';
import { Figures, Panel } from '../parts/panel.js';
import { may } from '../session.js';
import { at } from '../urls.js';

/** A host as the gateway tells it. */
interface HostFigures {
  readonly id: string;
  readonly units: number;
  readonly used: number;
  readonly reserved: number;
  readonly isDraining: boolean;
}

const REFRESH_MS = 5_000;

const hosts = signal<readonly HostFigures[]>([]);

async function refresh(): Promise<void> {
  if (document.hidden || !isInCluster() || !may('admin')) return;
  try {
    hosts.value = (await callApi<{ readonly hosts: readonly HostFigures[] }>('GET', at('api/v1/cluster'))).hosts;
  } catch {
    // The list says that the gateway does not answer; what was told last stays.
  }
}

/** Hosts of the cluster and how full they are, for those who look after it; nothing where the gateway is alone. */
export function HostList(): JSX.Element {
  useEffect(() => {
    void refresh();
    const timer = setInterval(() => void refresh(), REFRESH_MS);
    return () => clearInterval(timer);
  }, []);
  if (hosts.value.length === 0) return <></>;
  return (
    <Panel title="Hosts" name="hosts">
      <Figures rows={hosts.value.map((host) => [host.id, usedText(host)])} />
      <p class="help">In units: streams of 1920×1080 at 30 pictures a second.</p>
    </Panel>
  );
}

/** `3.2 of 8 units used, 1.5 of them reserved` */
function usedText({ units, used, reserved, isDraining }: Omit<HostFigures, 'id'>): string {
  const begun = reserved > 0 ? `, ${reserved} of them reserved` : '';
  return `${used} of ${units} units used${begun}${isDraining ? '; gives its streams away' : ''}`;
}
