/** Models as files. A further format is one more entry here and a word in FileFormat. */
import {
  exportOnnx,
  loadNpz,
  loadSafetensors,
  type Model,
  saveNpz,
  saveSafetensors,
} from 'lamella';
import type { FileFormat, RunConfig } from '../protocol.js';
import { createModel } from './network.js';

interface Format {
  readonly save: (model: Model) => Promise<Uint8Array<ArrayBuffer>>;
  /** Makes a model of a file; absent where lamella only writes the format. */
  readonly load?: (bytes: Uint8Array, config: RunConfig) => Promise<Model>;
}

const formats: Readonly<Record<FileFormat, Format>> = {
  npz: { save: saveNpz, load: loadNpz },
  onnx: { save: exportOnnx },
  safetensors: {
    save: saveSafetensors,
    // Such a file has weights alone; the layers are those of the page.
    load: async (bytes, config) => {
      const model = createModel(config);
      try {
        await loadSafetensors(model, bytes);
        return model;
      } catch (error) {
        model.dispose();
        throw error;
      }
    },
  },
};

function isFormat(ending: string): ending is FileFormat {
  return Object.hasOwn(formats, ending);
}

export function saveFile(model: Model, format: FileFormat): Promise<Uint8Array<ArrayBuffer>> {
  return formats[format].save(model);
}

function checkFits(model: Model): void {
  const [input, output] = [model.inputShape.join(' × '), model.outputShape.join(' × ')];
  if (input !== '1 × 28 × 28' || output !== '10') {
    throw new Error(
      `its network makes ${output} numbers of ${input}; this page needs ten of 1 × 28 × 28`,
    );
  }
  if (model.loss?.type !== 'CategoricalCrossEntropy' && model.layers.at(-1)?.type !== 'Softmax') {
    throw new Error('its network does not end in probabilities, by a Softmax or its loss');
  }
}

/**
 * The model in a file, whose format follows from the file's name.
 * @param config - Says what the layers are where the file does not.
 * @throws Error, in words for the page's reader.
 */
export async function loadFile(name: string, bytes: Uint8Array, config: RunConfig): Promise<Model> {
  const ending = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  const load = isFormat(ending) ? formats[ending].load : undefined;
  try {
    if (load === undefined) throw new Error('the page reads .npz and .safetensors');
    const model = await load(bytes, config);
    try {
      checkFits(model);
      return model;
    } catch (error) {
      model.dispose();
      throw error;
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const advice = ending === 'safetensors' ? ' Its weights must fit the layers listed below.' : '';
    throw new Error(`${name} cannot be loaded: ${why}.${advice}`, { cause: error });
  }
}
