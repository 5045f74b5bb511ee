import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import { sentence } from '../wording.js';
import { optionLabel } from './option-labels.js';
import { fieldText, pathName, type EditableOption } from './settings-form.js';

/** How the schema writes that a text is a colour. */
const COLOUR = '^#[0-9a-f]{6}$';

/** One option: what it is called, its value in the input that fits it, what it means, and its name in the configuration. */
export function OptionField({
  option,
  text,
  onInput,
}: {
  readonly option: EditableOption;
  /** As edited; absent where it was not. */
  readonly text: string | undefined;
  readonly onInput: (text: string) => void;
}): JSX.Element {
  const id = useId();
  const { node, path, isLive } = option;
  const name = pathName(path);
  const common = { id, value: text ?? fieldText(option), 'aria-describedby': `${id}-help` };
  const choices = node.type === 'boolean' ? [true, false] : node.enum;
  return (
    <div class="field">
      <label for={id}>
        {optionLabel(name)}
        {!isLive && <span class="restarts">restarts the stream</span>}
      </label>
      {choices ? (
        <select {...common} onChange={({ currentTarget }) => onInput(currentTarget.value)}>
          {choices.map((choice) => (
            <option key={String(choice)} value={String(choice)}>
              {node.type === 'boolean' ? (choice === true ? 'yes' : 'no') : String(choice)}
            </option>
          ))}
        </select>
      ) : (
        <input
          {...{ ...common, ...inputOf(option) }}
          spellcheck={false}
          onInput={({ currentTarget }) => onInput(currentTarget.value)}
        />
      )}
      <p class="help" id={`${id}-help`}>
        {node.description !== undefined && `${sentence(node.description)} `}
        <span class="option-name">{name}</span>
      </p>
    </div>
  );
}

/** The kind of input; what the browser can check of it, it does. */
function inputOf({ node, value, isSecret }: EditableOption): Record<string, string | number> {
  if (isSecret)
    return { type: 'password', autocomplete: 'new-password', placeholder: value === undefined ? '' : 'unchanged' };
  if (node.pattern === COLOUR) return { type: 'color' };
  if (node.type !== 'integer' && node.type !== 'number') return { type: 'text', autocomplete: 'off' };
  return {
    type: 'number',
    step: node.multipleOf ?? (node.type === 'integer' ? 1 : 'any'),
    ...(node.minimum !== undefined && { min: node.minimum }),
    ...(node.maximum !== undefined && { max: node.maximum }),
  };
}
