import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { SchemaNode } from '../../shared/config/json-schema.js';
import { callApi, errorText } from '../api.js';
import { Dialog } from '../parts/dialog.js';
import { Form } from '../parts/form.js';
import { Problem } from '../parts/panel.js';
import { at, streamApi } from '../urls.js';
import { OptionField } from './option-field.js';
import { changedFields, editableOptions, pathName, patchOf, type EditableOption } from './settings-form.js';

/** Blocks of a stream's configuration that the page edits, and what they are called. */
const BLOCKS = [
  ['source', 'Source'],
  ['output', 'Output'],
] as const;

interface OpenApi {
  readonly paths: Readonly<Record<string, { readonly post?: Operation }>>;
}

interface Operation {
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: SchemaNode }>>;
  };
}

/** Source and output of a stream, each option with what it means and whether the stream restarts for it. */
export function SettingsDialog({
  streamId,
  onClose,
}: {
  readonly streamId: string;
  readonly onClose: () => void;
}): JSX.Element {
  const options = useSignal<readonly EditableOption[]>([]);
  const edited = useSignal<ReadonlyMap<string, string>>(new Map());
  const problem = useSignal('');
  useEffect(() => {
    loadOptions(streamId).then(
      (loaded) => (options.value = loaded),
      (error: unknown) => (problem.value = errorText(error)),
    );
  }, [streamId]);
  const changed = changedFields(options.value, edited.value);
  const restarts = changed.filter(({ isLive }) => !isLive).map(({ path }) => pathName(path));
  const save = async (): Promise<void> => {
    await callApi('PATCH', streamApi(streamId), patchOf(options.value, edited.value));
    onClose();
  };
  return (
    <Dialog title="Source and output" onClose={onClose} isWide>
      <Problem text={problem.value} />
      <Form submit={restarts.length > 0 ? 'Save and restart' : 'Save'} onSubmit={save} isReady={changed.length > 0}>
        {BLOCKS.map(([block, title]) => (
          <fieldset key={block}>
            <legend>{title}</legend>
            {options.value
              .filter(({ path }) => path[0] === block)
              .map((option) => (
                <OptionField
                  key={pathName(option.path)}
                  option={option}
                  text={edited.value.get(pathName(option.path))}
                  onInput={(text) => (edited.value = new Map(edited.value).set(pathName(option.path), text))}
                />
              ))}
          </fieldset>
        ))}
        <p class="help" role="status">
          {changed.length > 0 && consequence(restarts)}
        </p>
      </Form>
    </Dialog>
  );
}

/** What saving does to those who watch. */
const consequence = (restarts: readonly string[]): string =>
  restarts.length === 0
    ? 'This applies while the stream runs: viewers and targets stay connected.'
    : `The stream restarts for ${restarts.join(', ')}: viewers see the last picture for a few seconds, targets connect again.`;

async function loadOptions(streamId: string): Promise<readonly EditableOption[]> {
  const [{ paths }, config] = await Promise.all([
    callApi<OpenApi>('GET', at('openapi.json')),
    callApi<Readonly<Record<string, unknown>>>('GET', streamApi(streamId, 'config')),
  ]);
  const schema = paths['/api/v1/streams']?.post?.requestBody?.content['application/json']?.schema;
  return BLOCKS.flatMap(([block]) => {
    const node = schema?.properties?.[block];
    return node ? editableOptions(node, config[block], [block]) : [];
  });
}
