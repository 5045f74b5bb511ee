import { useSignal, type Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { SchemaNode } from '../../shared/config/json-schema.js';
import { callApi, errorText } from '../api.js';
import { Dialog } from '../parts/dialog.js';
import { TextField } from '../parts/field.js';
import { Form } from '../parts/form.js';
import { Problem } from '../parts/panel.js';
import { at, streamApi } from '../urls.js';
import { OptionField } from './option-field.js';
import { isCommon, optionLabel } from './option-labels.js';
import { changedFields, editableOptions, pathName, patchOf, type EditableOption } from './settings-form.js';
import { StreamActions } from './stream-actions.js';

/** Blocks of a stream's configuration that the page edits, and what they are called. */
const BLOCKS = [
  ['source', 'Source'],
  ['output', 'Output'],
  ['framing', 'Tiles'],
] as const;

interface OpenApi {
  readonly paths: Readonly<Record<string, { readonly post?: Operation }>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, SchemaNode>> };
}

interface Operation {
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: SchemaNode & { readonly $ref?: string } }>>;
  };
}

/** Name, source, output and tiles of a stream, each option with what it means and whether the stream restarts for it. */
export function SettingsDialog({
  streamId,
  onClose,
}: {
  readonly streamId: string;
  readonly onClose: () => void;
}): JSX.Element {
  const options = useSignal<readonly EditableOption[]>([]);
  const edited = useSignal<ReadonlyMap<string, string>>(new Map());
  const name = useSignal(streamId);
  const problem = useSignal('');
  useEffect(() => {
    loadOptions(streamId).then(
      (loaded) => (options.value = loaded),
      (error: unknown) => (problem.value = errorText(error)),
    );
  }, [streamId]);
  const changed = changedFields(options.value, edited.value);
  const isRenamed = name.value.trim() !== streamId;
  const restarts = changed.filter(({ isLive }) => !isLive).map(({ path }) => optionLabel(pathName(path)));
  const save = async (): Promise<void> => {
    const patch = { ...patchOf(options.value, edited.value), ...(isRenamed && { id: name.value.trim() }) };
    await callApi('PATCH', streamApi(streamId), patch);
    onClose();
  };
  const isLoading = options.value.length === 0 && problem.value === '';
  return (
    <Dialog title="Settings of the stream" onClose={onClose} isWide>
      <Problem text={problem.value} />
      {isLoading && <p role="status">Loading…</p>}
      {options.value.length > 0 && (
        <>
          <Form
            submit={restarts.length > 0 ? 'Save and restart' : 'Save'}
            onSubmit={save}
            isReady={changed.length > 0 || isRenamed}
            note={changed.length > 0 ? consequence(restarts) : ''}
          >
            <TextField
              label="Name"
              help="Letters, digits and dashes. The address of the page has it; viewers and targets stay connected when it changes."
              required
              value={name.value}
              onInput={(value) => (name.value = value)}
            />
            {BLOCKS.map(([block, title]) => (
              <OptionBlock
                key={block}
                title={title}
                options={options.value.filter(({ path }) => path[0] === block)}
                edited={edited}
              />
            ))}
          </Form>
          <StreamActions streamId={streamId} onClose={onClose} />
        </>
      )}
    </Dialog>
  );
}

/** The options of a block; those that few people need are folded away. */
function OptionBlock({
  title,
  options,
  edited,
}: {
  readonly title: string;
  readonly options: readonly EditableOption[];
  readonly edited: Signal<ReadonlyMap<string, string>>;
}): JSX.Element {
  const field = (option: EditableOption): JSX.Element => {
    const name = pathName(option.path);
    return (
      <OptionField
        key={name}
        option={option}
        text={edited.value.get(name)}
        onInput={(text) => (edited.value = new Map(edited.value).set(name, text))}
      />
    );
  };
  return (
    <fieldset>
      <legend>{title}</legend>
      <div class="options">{options.filter(({ path }) => isCommon(pathName(path))).map(field)}</div>
      <details>
        <summary>More of {title.toLowerCase()}</summary>
        <div class="options">{options.filter(({ path }) => !isCommon(pathName(path))).map(field)}</div>
      </details>
    </fieldset>
  );
}

/** What saving does to those who watch. */
const consequence = (restarts: readonly string[]): string =>
  restarts.length === 0
    ? 'This applies while the stream runs: viewers and targets stay connected.'
    : `The stream restarts for ${restarts.join('; ')}: viewers see the last picture for a few seconds, targets connect again.`;

async function loadOptions(streamId: string): Promise<readonly EditableOption[]> {
  const [{ paths, components }, config] = await Promise.all([
    callApi<OpenApi>('GET', at('openapi.json')),
    callApi<Readonly<Record<string, unknown>>>('GET', streamApi(streamId, 'config')),
  ]);
  const body = paths['/api/v1/streams']?.post?.requestBody?.content['application/json']?.schema;
  const schema = body?.$ref === undefined ? body : components?.schemas?.[body.$ref.replace(/^.*\//, '')];
  return BLOCKS.flatMap(([block]) => {
    const node = schema?.properties?.[block];
    return node ? editableOptions(node, config[block], [block]) : [];
  });
}
