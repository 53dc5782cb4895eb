import type { LayerConfig } from 'lamella';
import {
  createLayer,
  kindOf,
  type LayerField,
  layerKinds,
  type NumberField,
  parseShape,
  type Setting,
} from '../layer-kinds.js';
import type { NetworkCheck } from '../types.js';
import { maxLayers } from '../configuration.js';
import { byId, create } from '../../shared/dom.js';
import { count } from '../../shared/format.js';

type Action = 'up' | 'down' | 'remove';

const actions: Record<Action, { sign: string; name: string }> = {
  up: { sign: '↑', name: 'up' },
  down: { sign: '↓', name: 'down' },
  remove: { sign: '×', name: 'away' },
};

/** The layers as a list to edit: each with its settings, output shape and parameter count. */
export class LayerList {
  readonly #list = byId('layers', HTMLOListElement);
  readonly #problem = byId('problem', HTMLParagraphElement);
  readonly #add = byId('add-layer', HTMLButtonElement);
  readonly #onChange: () => void;
  #layers: readonly LayerConfig[] = [];

  /** @param onChange - Called when the reader has changed something. */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
    const kinds = byId('new-layer', HTMLSelectElement);
    kinds.append(...layerKinds.map(({ type, title }) => new Option(title, type)));
    this.#add.addEventListener('click', () => {
      const kind = kindOf(kinds.value);
      if (kind) this.#change([...this.#layers, createLayer(kind)]);
    });
  }

  get layers(): readonly LayerConfig[] {
    return this.#layers;
  }

  set layers(layers: readonly LayerConfig[]) {
    this.#layers = layers;
    this.#list.replaceChildren(...layers.map((layer, i) => this.#createRow(layer, i)));
    this.#add.disabled = layers.length >= maxLayers;
  }

  /** Shows what the engine says of the layers. */
  show({ infos, problem }: NetworkCheck): void {
    Array.from(this.#list.children).forEach((row, i) => {
      const info = infos[i];
      const output = row.querySelector('.output');
      const parameters = row.querySelector('.parameters');
      row.classList.toggle('misfit', i === infos.length && problem !== undefined);
      if (output) output.textContent = info ? info.outputShape.join(' × ') : '?';
      if (parameters) parameters.textContent = info ? parametersText(info.parameters) : '';
    });
    this.#problem.hidden = problem === undefined;
    if (problem !== this.#problem.textContent) this.#problem.textContent = problem ?? '';
  }

  #change(layers: readonly LayerConfig[]): void {
    this.layers = layers;
    this.#onChange();
  }

  #createRow(layer: LayerConfig, index: number): HTMLLIElement {
    const kind = kindOf(layer.type);
    const title = kind?.title ?? layer.type;
    const fields = create('span', 'fields');
    fields.append(...(kind?.fields ?? []).map((field) => this.#createField(field, index, title)));
    const buttons = create('span', 'actions');
    buttons.append(
      ...(['up', 'down', 'remove'] as const).map((action) =>
        this.#createButton(action, index, title),
      ),
    );
    return create(
      'li',
      '',
      create('span', 'title', title),
      fields,
      create('span', 'output', '…'),
      create('span', 'parameters'),
      buttons,
    );
  }

  #createField(field: LayerField, index: number, title: string): HTMLElement {
    const { key, label } = field;
    const settingsOf = (layer?: LayerConfig) => layer && kindOf(layer.type)?.read(layer);
    const set = (value: Setting): void => {
      this.#layers = this.#layers.map((each, i) =>
        i === index
          ? (kindOf(each.type)?.create({ ...settingsOf(each), [key]: value }) ?? each)
          : each,
      );
      this.#onChange();
    };
    const control = createControl(
      field,
      settingsOf(this.#layers[index])?.[key] ?? field.start,
      set,
    );
    control.setAttribute('form', 'controls');
    control.setAttribute('aria-label', `Layer ${String(index + 1)}, ${title}: ${label}`);
    return create('label', '', label, ' ', control);
  }

  #createButton(action: Action, index: number, title: string): HTMLButtonElement {
    const { sign, name } = actions[action];
    const button = create('button', '', sign);
    button.type = 'button';
    button.dataset['action'] = action;
    button.setAttribute('aria-label', `Layer ${String(index + 1)}, ${title}: move ${name}`);
    if (action === 'remove') {
      button.setAttribute('aria-label', `Remove layer ${String(index + 1)}, ${title}`);
    }
    button.disabled =
      (action === 'up' && index === 0) || (action === 'down' && index === this.#layers.length - 1);
    button.addEventListener('click', () => this.#act(action, index));
    return button;
  }

  #act(action: Action, index: number): void {
    const layers = [...this.#layers];
    const [layer] = layers.splice(index, 1);
    const target = action === 'up' ? index - 1 : action === 'down' ? index + 1 : index;
    if (action !== 'remove' && layer) layers.splice(target, 0, layer);
    this.#change(layers);
    // The rows are new: the keyboard stays where it was.
    const row = this.#list.children[Math.min(target, layers.length - 1)];
    const same = row?.querySelector<HTMLElement>(`[data-action=${action}]:enabled`);
    (same ?? row?.querySelector<HTMLElement>('button:enabled') ?? this.#add).focus();
  }
}

function parametersText(parameters: number): string {
  return parameters === 0 ? '' : `${count(parameters)} weights`;
}

function createNumber({ min, max, step }: NumberField): HTMLInputElement {
  const input = create('input', '');
  input.type = 'number';
  input.min = String(min);
  input.max = String(max);
  input.step = String(step);
  return input;
}

/** The element to change one setting with. */
function createControl(
  field: LayerField,
  value: Setting,
  set: (value: Setting) => void,
): HTMLInputElement | HTMLSelectElement {
  if (field.kind === 'choice') {
    const select = create('select', '');
    select.append(...Object.entries(field.choices).map(([key, text]) => new Option(text, key)));
    select.value = value as string;
    select.addEventListener('change', () => set(select.value));
    return select;
  }
  const input = field.kind === 'number' ? createNumber(field) : create('input', 'shape');
  input.required = true;
  input.value = typeof value === 'object' ? value.join(' × ') : String(value);
  input.addEventListener('change', () => {
    const read = field.kind === 'shape' ? parseShape(input.value) : input.valueAsNumber;
    input.setCustomValidity(
      read === undefined ? 'One length, or channels × height × width: 8 × 7 × 7.' : '',
    );
    if (input.reportValidity() && read !== undefined) set(read);
  });
  return input;
}
